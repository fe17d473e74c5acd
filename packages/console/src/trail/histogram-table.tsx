/** The histogram's numbers as a table, for those who cannot see the chart; each row can be narrowed to. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useZone } from '../app/zone.tsx'
import { formatCount } from '../i18n/texts.ts'
import type { Bar } from './histogram.ts'
import { partName } from './part-name.ts'
import { formatMinute, zoneNow } from './time-range.ts'
import styles from './histogram-table.module.css'

interface HistogramTableProps {
  readonly bars: readonly Bar[]
  readonly parts: readonly string[]
  readonly onNarrow: (at: number) => void
}

export function HistogramTable({ bars, parts, onNarrow }: HistogramTableProps): ReactElement {
  const { t } = useTranslation(['trail', 'translation'])
  const { zone } = useZone()
  return (
    <div className={styles.box} tabIndex={0} role="region" aria-label={t('histogram.tableLabel')}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('histogram.from', { zone: zoneNow(zone) })}</th>
            {parts.map((name) => (
              <th key={name} scope="col">
                {partName(name, t)}
              </th>
            ))}
            <th scope="col">{t('histogram.all')}</th>
          </tr>
        </thead>
        <tbody>
          {bars.map((bar, at) => (
            <tr key={bar.from}>
              <th scope="row">
                <button
                  type="button"
                  className={styles.rowButton}
                  aria-label={t('histogram.narrowTo', {
                    from: formatMinute(bar.from, zone),
                    to: formatMinute(bar.to, zone),
                  })}
                  onClick={() => onNarrow(at)}
                >
                  {formatMinute(bar.from, zone)}
                </button>
              </th>
              {parts.map((name) => (
                <td key={name}>{formatCount(bar.counts[name] ?? 0)}</td>
              ))}
              <td>{formatCount(bar.total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
