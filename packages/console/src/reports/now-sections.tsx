/** What a report tells of how things stand: apart from what its checkpoint proves, each part read by itself, with its own state. */
import { useQuery } from '@tanstack/react-query'
import type { NowLack, NowPart } from '@keywitness/cadf'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { asApiError } from '../api/problem.ts'
import type { ReportsApi } from '../api/reports-api.ts'
import { AlertIcon } from '../app/icons.tsx'
import { StateView } from '../app/state-view.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { DatedMoment } from '../shared/dated-moment.tsx'
import { FactList } from './fact-list.tsx'
import type { Period } from './periods.ts'
import { ReportTableView } from './report-table.tsx'
import { wordFor } from './words.ts'
import styles from './reports.module.css'

interface NowSectionsProps {
  readonly parts: readonly NowPart[]
  readonly api: ReportsApi
  readonly location: string
  readonly period: Period
  /** Of the checkpoint. */
  readonly size: number
  /** Of files. */
  readonly name: string
}

export function NowSections({ parts, ...props }: NowSectionsProps): ReactElement {
  const { t } = useTranslation('reports')
  return (
    <section className={styles.now} aria-label={t('now')} data-apart>
      <h2 className={styles.nowHeading}>{t('now')}</h2>
      <p className={styles.nowText}>
        <AlertIcon size={14} />
        <span>{t('nowText')}</span>
      </p>
      {parts.map((part) => (
        <PartSection key={part.id} part={part} {...props} />
      ))}
    </section>
  )
}

function PartSection(props: Omit<NowSectionsProps, 'parts'> & { readonly part: NowPart }): ReactElement {
  const { part, api, location, period, size, name } = props
  const { t } = useTranslation('reports')
  const { from, to } = period
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['report-now', location, part.id, from, to, size],
    queryFn: ({ signal }) => part.read(api.now(signal), { location, from, to, size }),
    retry: false,
  })
  const title = wordFor('parts', part.id)
  return (
    <section className={styles.part} aria-label={title}>
      <h3 className={styles.heading}>{title}</h3>
      {error !== null && !isFetching ? (
        <PartFailed error={error} id={part.id} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <StateView kind="loading" title={t('nowReading')} />
      ) : (
        <>
          <p className={styles.note}>
            {t('asOf')} <DatedMoment at={data.asOf} />
          </p>
          <Lacks lacks={data.lacks} />
          <FactList facts={data.facts} />
          {data.tables.map((table) => (
            <ReportTableView
              key={table.id}
              table={table}
              location={location}
              fileName={name}
              isPartial={data.lacks.length > 0}
            />
          ))}
        </>
      )}
    </section>
  )
}

interface PartFailedProps {
  readonly error: Error
  readonly id: string
  readonly onRetry: () => void
}

/** Who may not see a part is told what it takes; the rest of the report stands. */
function PartFailed({ error, id, onRetry }: PartFailedProps): ReactElement {
  const { t } = useTranslation('reports')
  const known = asApiError(error)
  if (known.kind !== 'forbidden') return <ReadFailed title={t('nowFailed')} error={known} onRetry={onRetry} />
  return <StateView kind="forbidden" title={t('nowForbidden')} text={wordFor('takes', id)} error={known} />
}

/** What a part does not hold. */
function Lacks({ lacks }: { readonly lacks: readonly NowLack[] }): ReactElement | null {
  const { t } = useTranslation('reports')
  if (lacks.length === 0) return null
  return (
    <div role="status">
      <p className={styles.note}>{t('nowPartial')}</p>
      <ul className={styles.warnings}>
        {lacks.map(({ code, what }) => (
          <li key={`${code} ${what}`}>
            <AlertIcon size={14} />
            <span>
              {wordFor('lacks', code)}
              {what !== '' && ` ${what}`}
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}
