/** What the time range is chosen from: presets up to now or by the calendar, two times of one's own, and the zone of all of them. */
import { Button, TextInput } from '@mantine/core'
import { type FormEvent, type ReactElement, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { CheckIcon } from '../app/icons.tsx'
import menu from '../app/menu-item.module.css'
import { useZone } from '../app/zone.tsx'
import { ianaOf } from '../app/zones.ts'
import { asTyped, presetName, spanText } from './range-words.ts'
import type { TrailSearch } from './search.ts'
import {
  type Zone,
  calendarNames,
  calendarPresetOf,
  calendarPresets,
  isRelative,
  parseTypedTime,
  rangePresets,
  zoneNow,
} from './time-range.ts'
import { ZoneChoice } from './zone-choice.tsx'
import styles from './time-range-choices.module.css'

interface TimeRangeChoicesProps {
  readonly search: TrailSearch
  /** Takes times as the address has them, and the zone in which days begin. */
  readonly onSet: (from: string | undefined, to: string | undefined, tz?: string) => void
}

export function TimeRangeChoices({ search, onSet }: TimeRangeChoicesProps): ReactElement {
  const { t } = useTranslation()
  const { zone } = useZone()
  const isRolling = search.to === undefined && (search.from === undefined || isRelative(search.from))
  const calendar = calendarPresetOf(search)
  const choices = useRef<HTMLDivElement>(null)
  useEffect(() => choices.current?.querySelector('button')?.focus(), [])
  return (
    <div ref={choices} className={styles.choices}>
      <Presets
        heading={t('range.rolling')}
        presets={rangePresets.map((preset) => ({
          name: presetName(preset, t),
          isChosen: isRolling && (search.from ?? '') === preset,
          choose: () => onSet(preset === '' ? undefined : preset, undefined),
        }))}
      />
      <Presets
        heading={t('range.byCalendar', { zone: zoneNow(zone) })}
        presets={calendarNames.map((name) => ({
          name: t(`range.calendar.${name}`),
          title: spanText(calendarPresets[name], zone, t),
          isChosen: calendar === name,
          choose: () => onSet(calendarPresets[name].from, calendarPresets[name].to, ianaOf(zone)),
        }))}
      />
      <div className={styles.own}>
        <AbsoluteRange key={zone} search={search} zone={zone} onSet={onSet} />
        <ZoneChoice />
      </div>
    </div>
  )
}

interface Preset {
  readonly name: string
  readonly title?: string | undefined
  readonly isChosen: boolean
  readonly choose: () => void
}

function Presets(props: { readonly heading: string; readonly presets: readonly Preset[] }): ReactElement {
  return (
    <section className={styles.presets} aria-label={props.heading}>
      <p className={styles.heading}>{props.heading}</p>
      <ul>
        {props.presets.map(({ name, title, isChosen, choose }) => (
          <li key={name}>
            <button type="button" className={menu.item} aria-pressed={isChosen} title={title} onClick={choose}>
              {name}
              {isChosen && <CheckIcon size={14} />}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

interface AbsoluteRangeProps {
  readonly search: TrailSearch
  readonly zone: Zone
  readonly onSet: (from: string | undefined, to: string | undefined) => void
}

function AbsoluteRange({ search, zone, onSet }: AbsoluteRangeProps): ReactElement {
  const { t } = useTranslation()
  const [from, setFrom] = useState(() => asTyped(search.from, zone))
  const [to, setTo] = useState(() => asTyped(search.to, zone))
  const [fault, setFault] = useState<{ field: 'from' | 'to'; text: string }>()

  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const start = from.trim() === '' ? undefined : parseTypedTime(from, zone)
    const end = to.trim() === '' ? undefined : parseTypedTime(to, zone)
    if (from.trim() !== '' && start === undefined) return setFault({ field: 'from', text: t('range.notATime') })
    if (to.trim() !== '' && end === undefined) return setFault({ field: 'to', text: t('range.notATime') })
    if (start !== undefined && end !== undefined && end <= start) {
      return setFault({ field: 'to', text: t('range.endsBefore') })
    }
    onSet(iso(start), iso(end))
  }
  return (
    <form className={styles.absolute} onSubmit={submit}>
      <p className={styles.heading}>{t('range.absolute', { zone: zoneNow(zone) })}</p>
      <TextInput
        label={t('range.from')}
        placeholder={t('range.placeholder')}
        value={from}
        onChange={(event) => setFrom(event.currentTarget.value)}
        error={fault?.field === 'from' ? fault.text : undefined}
        size="xs"
      />
      <TextInput
        label={t('range.to')}
        placeholder={t('range.openEnd')}
        value={to}
        onChange={(event) => setTo(event.currentTarget.value)}
        error={fault?.field === 'to' ? fault.text : undefined}
        size="xs"
      />
      <Button type="submit" variant="default">
        {t('range.apply')}
      </Button>
    </form>
  )
}

function iso(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString()
}
