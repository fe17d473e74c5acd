/** Events by time as bars, stacked by severity; the same numbers as a table, for who does not see bars or wants them exact. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useZone } from '../app/zone.tsx'
import { formatCount } from '../i18n/texts.ts'
import { momentText } from '../shared/moment.tsx'
import type { ActivityBucket } from './activity.ts'
import styles from './activity-chart.module.css'

interface ActivityChartProps {
  readonly buckets: readonly ActivityBucket[]
  /** What it is of. */
  readonly label: string
}

const height = 48
const gap = 0.2

export function ActivityChart({ buckets, label }: ActivityChartProps): ReactElement {
  const { t } = useTranslation('overview')
  const { zone } = useZone()
  const most = Math.max(1, ...buckets.map(total))
  const first = buckets[0]
  const last = buckets.at(-1)
  const shown = (['normal', 'warning', 'critical'] as const).filter((name) => buckets.some((each) => each[name] > 0))
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.caption}>
        <span>{label}</span>
        <span className={styles.most}>{t('chart.most', { formatted: formatCount(most) })}</span>
      </figcaption>
      <svg
        className={styles.bars}
        viewBox={`0 0 ${Math.max(1, buckets.length)} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t('chart.label', { label })}
      >
        {buckets.map((bucket, i) => (
          <Bar key={bucket.from} bucket={bucket} at={i} scale={height / most} />
        ))}
      </svg>
      {first !== undefined && last !== undefined && (
        <p className={styles.axis} aria-hidden="true">
          <span>{momentText(first.from, zone).slice(0, -3)}</span>
          <span>{momentText(last.to, zone).slice(0, -3)}</span>
        </p>
      )}
      {shown.length > 0 && (
        <ul className={styles.legend} aria-hidden="true">
          {shown.map((name) => (
            <li key={name} className={styles[name]}>
              {t(`chart.${name}`)}
            </li>
          ))}
        </ul>
      )}
      <details className={styles.numbers}>
        <summary>{t('chart.numbers')}</summary>
        <div className={styles.scroll} tabIndex={0} role="region" aria-label={t('chart.numbersOf', { label })}>
          <table className={styles.table} aria-label={t('chart.numbersOf', { label })}>
            <thead>
              <tr>
                {(['from', 'normal', 'warning', 'critical', 'failures'] as const).map((name) => (
                  <th key={name} scope="col">
                    {t(`chart.${name}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {buckets.map(({ from, normal, warning, critical, failures }) => (
                <tr key={from}>
                  <th scope="row">{momentText(from, zone).slice(0, -3)}</th>
                  <td>{formatCount(normal)}</td>
                  <td>{formatCount(warning)}</td>
                  <td>{formatCount(critical)}</td>
                  <td>{formatCount(failures)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  )
}

const total = ({ normal, warning, critical }: ActivityBucket): number => normal + warning + critical

interface BarProps {
  readonly bucket: ActivityBucket
  readonly at: number
  /** Units of height for one event. */
  readonly scale: number
}

/** From below: normal, warning, critical. What there is can be seen, however little it is. */
function Bar({ bucket, at, scale }: BarProps): ReactElement {
  let top = height
  return (
    <>
      {(['normal', 'warning', 'critical'] as const).map((name) => {
        const count = bucket[name]
        if (count === 0) return null
        const size = Math.max(1.5, count * scale)
        top -= size
        return (
          <rect
            key={name}
            className={styles[name]}
            x={at + gap / 2}
            width={1 - gap}
            y={Math.max(0, top)}
            height={size}
          />
        )
      })}
    </>
  )
}
