/** The reports there are: for a period, the questions that each answers. */
import { getRouteApi, Link } from '@tanstack/react-router'
import { reports, sampleClauses, sampleNumber } from '@keywitness/cadf'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { addTexts } from '../i18n/texts.ts'
import texts from '../i18n/en/reports.json'
import { Page } from '../shared/page.tsx'
import { PeriodChoice } from './period-choice.tsx'
import { periodOf } from './periods.ts'
import { sampleId } from './search.ts'
import { wordFor } from './words.ts'
import styles from './reports.module.css'

addTexts('reports', texts)

const offered = [...reports, { id: sampleId, number: sampleNumber, clauses: sampleClauses }].toSorted(
  (one, other) => one.number - other.number,
)

const route = getRouteApi('/reports/$location')

export function ReportsPage(): ReactElement {
  const { t } = useTranslation('reports')
  const { location } = route.useParams()
  const { from, to } = route.useSearch()
  const navigate = route.useNavigate()
  const [usual] = useState(() => periodOf('this-quarter', Date.now()))
  const period = from === undefined || to === undefined ? usual : { from, to }
  return (
    <Page title={t('title')} of={location}>
      <div className={styles.body}>
        <PeriodChoice period={period} onChoose={(chosen) => void navigate({ search: { ...chosen } })} />
        <p className={styles.hint}>{t('each')}</p>
        <ul className={styles.list} aria-label={t('title')}>
          {offered.map(({ id, number, clauses }) => (
            <li key={id} className={styles.offer}>
              <h2 className={styles.offerName}>
                {number}.{' '}
                <Link
                  to="/reports/$location/$report"
                  params={{ location, report: id }}
                  search={{ from: period.from, to: period.to }}
                  preload={false}
                  className={styles.link ?? ''}
                >
                  {wordFor('titles', id)}
                </Link>
              </h2>
              <p>{wordFor('questions', id)}</p>
              <ul className={styles.clauses}>
                {clauses.map((clause) => (
                  <li key={clause}>{clause}</li>
                ))}
              </ul>
            </li>
          ))}
        </ul>
      </div>
    </Page>
  )
}
