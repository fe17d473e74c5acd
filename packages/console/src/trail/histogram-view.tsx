/** Above the list: how many events when, by severity or outcome, as bars or as a table; any run of them narrows the time. */
import { Button } from '@mantine/core'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useZone } from '../app/zone.tsx'
import { formatCount } from '../i18n/texts.ts'
import { LazyPart } from '../shared/lazy-part.tsx'
import { type Bar, narrowed, partsOf, spanOf } from './histogram.ts'
import { HistogramChart, type Run } from './histogram-chart.tsx'
import { partName } from './part-name.ts'
import { type Division, type TrailSearch, divisions, parseTrailSearch } from './search.ts'
import { type Zone, formatMinute, formatTypedTime, zoneNow } from './time-range.ts'
import type { HistogramState } from './use-histogram.ts'
import styles from './histogram.module.css'

interface HistogramViewProps {
  readonly search: TrailSearch
  readonly by: Division
  readonly histogram: HistogramState
  readonly onChange: (search: TrailSearch) => void
  /** Goes to the list. */
  readonly onLeave: () => void
}

const noBars: readonly Bar[] = []

export function HistogramView({ search, by, histogram, onChange, onLeave }: HistogramViewProps): ReactElement {
  const { t } = useTranslation(['trail', 'translation'])
  const { zone } = useZone()
  const { bars, isComplete, error, again } = histogram
  const [isTable, setIsTable] = useState(false)
  const [run, setRun] = useState<Run>()
  const [hovered, setHovered] = useState<number>()
  const parts = partsOf(by)
  const narrow = ({ anchor, at }: Run): void => {
    setRun(undefined)
    if (bars !== undefined) onChange(narrowed(search, bars, anchor, at))
  }
  const chosen = bars !== undefined && run !== undefined ? spanOf(bars, run.anchor, run.at) : undefined
  const shown = hovered === undefined ? undefined : bars?.[hovered]
  return (
    <section className={styles.histogram} aria-label={t('histogram.label')}>
      <div className={styles.head}>
        <DivisionSwitch by={by} onChange={(next) => onChange(parseTrailSearch({ ...search, by: next }))} />
        <ul className={styles.legend}>
          {parts
            .filter((name) => bars?.some(({ counts }) => (counts[name] ?? 0) > 0))
            .map((name) => (
              <li key={name} data-part={name}>
                {partName(name, t)}
              </li>
            ))}
        </ul>
        <p className={styles.said} aria-live="polite">
          {chosen !== undefined && <SpanWords span={chosen} parts={parts} zone={zone} />}
        </p>
        {chosen === undefined && shown !== undefined && (
          <p className={styles.hovered} aria-hidden="true">
            <SpanWords span={shown} parts={parts} zone={zone} />
          </p>
        )}
        {chosen === undefined && shown === undefined && error === undefined && (
          <Total bars={bars} isComplete={isComplete} />
        )}
        {run !== undefined && (
          <Button variant="default" size="compact-xs" onClick={() => narrow(run)}>
            {t('histogram.narrow')}
          </Button>
        )}
        <Button variant="subtle" size="compact-xs" onClick={() => setIsTable(!isTable)}>
          {t(isTable ? 'histogram.asChart' : 'histogram.asTable')}
        </Button>
      </div>
      {error !== undefined && (
        <p className={styles.failed} role="status">
          {t('histogram.failed', { message: error.message })}
          <Button variant="default" size="compact-xs" onClick={again}>
            {t('state.retry', { ns: 'translation' })}
          </Button>
        </p>
      )}
      {bars !== undefined && isTable && (
        <LazyPart
          name="histogram-table"
          load={async () => (await import('./histogram-table.tsx')).HistogramTable}
          props={{ bars, parts, onNarrow: (at: number) => narrow({ anchor: at, at }) }}
        />
      )}
      {!isTable && error === undefined && (
        <>
          <HistogramChart
            bars={bars ?? noBars}
            parts={parts}
            run={run}
            onRun={setRun}
            onHover={setHovered}
            onNarrow={narrow}
            onLeave={onLeave}
          />
          <Axis bars={bars} zone={zone} />
        </>
      )}
    </section>
  )
}

function DivisionSwitch(props: { by: Division; onChange: (by: Division) => void }): ReactElement {
  const { t } = useTranslation('trail')
  const names = { severity: t('histogram.bySeverity'), outcome: t('histogram.byOutcome') }
  return (
    <div role="group" aria-label={t('histogram.by')} className={styles.switch}>
      {divisions.map((each) => (
        <button key={each} type="button" aria-pressed={props.by === each} onClick={() => props.onChange(each)}>
          {names[each]}
        </button>
      ))}
    </div>
  )
}

function Total({ bars, isComplete }: { bars: readonly Bar[] | undefined; isComplete: boolean }): ReactElement {
  const { t } = useTranslation('trail')
  if (bars === undefined) return <p className={styles.total}>{t('histogram.loading')}</p>
  const count = bars.reduce((sum, { total }) => sum + total, 0)
  const formatted = formatCount(count)
  if (isComplete) return <p className={styles.total}>{t('histogram.total', { count, formatted })}</p>
  return (
    <p className={styles.total} title={t('histogram.atLeastHelp')}>
      {t('histogram.totalAtLeast', { count, formatted })}
      <span className="kw-hidden"> {t('histogram.atLeastHelp')}</span>
    </p>
  )
}

function SpanWords(props: { span: Bar; parts: readonly string[]; zone: Zone }): string {
  const { t } = useTranslation(['trail', 'translation'])
  const { span, parts, zone } = props
  const [from, to] = [formatMinute(span.from, zone), formatMinute(span.to, zone)]
  const [day = ''] = from.split(' ')
  // Within a day the day is said once.
  const times = { from, to: to.startsWith(`${day} `) ? to.slice(day.length + 1) : to }
  const count = t('histogram.total', { count: span.total, formatted: formatCount(span.total) })
  const numbers = parts.flatMap((name) => {
    const part = span.counts[name] ?? 0
    return part === 0 ? [] : [`${formatCount(part)} ${partName(name, t).toLowerCase()}`]
  })
  if (numbers.length === 0) return t('histogram.bar', { ...times, count })
  return t('histogram.barParts', { ...times, count, parts: numbers.join(', ') })
}

function Axis({ bars, zone }: { bars: readonly Bar[] | undefined; zone: Zone }): ReactElement {
  const [first, last] = [bars?.[0], bars?.at(-1)]
  const ends = [first?.from, last?.to].map((time) => (time === undefined ? '' : formatTypedTime(time, zone)))
  // Either both have seconds or neither.
  const [from, to] = ends.every((end) => end.endsWith(':00')) ? ends.map((end) => end.slice(0, -3)) : ends
  return (
    <p className={styles.axis}>
      <span>{from}</span>
      <span>{last !== undefined && `${to} ${zoneNow(zone)}`}</span>
    </p>
  )
}
