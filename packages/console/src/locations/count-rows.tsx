/** Rows of a comparison that are counted when somebody asks: what happened, and keys by state. */
import type { TFunction } from 'i18next'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { keyStates } from '../api/key-states.ts'
import { formatCount } from '../i18n/texts.ts'
import type { CompareRow } from './compare-table.tsx'
import type { Counted, PlaceCounts } from './counts.ts'
import type { CountReading } from './use-compare.ts'
import sheet from '../shared/sheet.module.css'

interface HasCounts {
  readonly counts: CountReading<PlaceCounts>
}

/** Where the events of something are. */
interface EventsPlace {
  readonly location: string
  /** What people call it. */
  readonly name: string
  /** GUID, of an instance. */
  readonly instance?: string
}

/**
 * What stands where something was counted: the number, that nobody has asked, or why it is not known.
 * @param pick what is shown of the counts; undefined where there is nothing that one may read
 */
export function countedCell<Counts, Value>(
  t: TFunction<'locations'>,
  { value, isReading }: CountReading<Counts>,
  pick: (counts: Counts) => Counted<Value> | undefined,
  shown: (value: Value) => ReactNode,
): ReactNode {
  if (value === undefined) return isReading ? t('cell.reading') : t('cell.unasked')
  const counted = pick(value)
  if (counted === undefined) return t('cell.unread')
  if (counted.error === undefined) return shown(counted.value)
  return counted.error.kind === 'forbidden' ? t('cell.unread') : t('cell.unknown', { message: counted.error.message })
}

const filters = { events: {}, failures: { outcome: ['failure'] }, critical: { severity: ['critical'] } } as const

export function activityRows<Thing extends HasCounts>(
  t: TFunction<'locations'>,
  placeOf: (thing: Thing) => EventsPlace,
): readonly CompareRow<Thing>[] {
  return (['events', 'failures', 'critical'] as const).map((id) => ({
    id,
    name: t(`row.${id}`),
    cell: (thing) =>
      countedCell(
        t,
        thing.counts,
        ({ activity }) => activity,
        (activity) => {
          const { location, name, instance } = placeOf(thing)
          const formatted = formatCount(activity[id])
          const count = activity.isComplete ? formatted : t('cell.atLeast', { formatted })
          const { from, to } = activity
          return (
            <Link
              to="/trail/$location"
              params={{ location }}
              search={{ from, to, ...filters[id], ...(instance !== undefined && { instance }) }}
              className={sheet.link ?? ''}
              aria-label={t('cell.showOf', { name: t(`row.${id}`), of: name, count })}
            >
              {count}
            </Link>
          )
        },
      ),
  }))
}

export function keyRows<Thing extends HasCounts>(t: TFunction<'locations'>): readonly CompareRow<Thing>[] {
  return ([...keyStates, 'waiting', 'overdue'] as const).map((id) => ({
    id,
    name: t(`keys.${id}`),
    cell: ({ counts }) => {
      if (counts.value !== undefined && counts.value.keys === undefined) return t('cell.noKeys')
      return countedCell(
        t,
        counts,
        ({ keys }) => keys,
        ({ counts: byState, counted, of }) =>
          counted === of
            ? formatCount(byState[id])
            : `${formatCount(byState[id])} ${t('cell.partKeys', { of: `${formatCount(counted)} / ${formatCount(of)}` })}`,
      )
    },
  }))
}
