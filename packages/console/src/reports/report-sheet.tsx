/** A report as it is read and printed: what it stands on, what came out, the tables, and how to repeat it. */
import type { ReportKind } from '@keywitness/cadf'
import { Fragment, type ReactElement, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { ReportQuestion, ReportsApi } from '../api/reports-api.ts'
import { AlertIcon } from '../app/icons.tsx'
import { useSession } from '../app/session.tsx'
import { useWitnessState } from '../app/witness-room.tsx'
import { useZone } from '../app/zone.tsx'
import { formatCount } from '../i18n/texts.ts'
import { CommandLine } from '../shared/command-line.tsx'
import { DatedMoment } from '../shared/dated-moment.tsx'
import { usePaperFoot } from '../shared/use-paper-foot.ts'
import { WholeWords } from '../shared/whole-words.tsx'
import { zoneName } from '../trail/time-range.ts'
import { CheckpointCheck } from './checkpoint-check.tsx'
import { FactList } from './fact-list.tsx'
import { LogRecheck } from './log-recheck.tsx'
import type { MadeReport } from './make-report.ts'
import { NowSections } from './now-sections.tsx'
import { daysOf, type Period } from './periods.ts'
import { OtherPeriod } from './other-period.tsx'
import { ReportActions } from './report-actions.tsx'
import { ReportTableView } from './report-table.tsx'
import { sampleId } from './search.ts'
import { wordFor } from './words.ts'
import styles from './reports.module.css'

/** The one whose log is checked again here. */
const integrityId = 'log-integrity'

interface ReportSheetProps {
  readonly kind: ReportKind
  readonly api: ReportsApi
  readonly location: string
  readonly origin: string | undefined
  readonly question: ReportQuestion
  readonly period: Period
  readonly made: MadeReport
  /** Above the sheet: what else it is made from. */
  readonly choice?: ReactNode
}

export function ReportSheet(props: ReportSheetProps): ReactElement {
  const { kind, api, location, question, made } = props
  const { t } = useTranslation('reports')
  const { report, isCut } = made
  const name = `${location}-${kind.id}-${question.size}`
  usePaperFoot(t('foot', { title: wordFor('titles', kind.id), location, size: formatCount(question.size) }))
  return (
    <article className={styles.body}>
      <ReportActions api={api} question={question} name={name} />
      {props.choice}
      <p className={styles.question}>{wordFor('questions', kind.id)}</p>
      <Head {...props} />
      <Warnings made={made} period={props.period} location={location} />
      <section>
        <h2 className={styles.heading}>{t('summary')}</h2>
        <FactList facts={report.summary} />
      </section>
      {report.tables.map((table) => (
        <ReportTableView key={table.id} table={table} location={location} fileName={name} isPartial={isCut} />
      ))}
      {kind.id === integrityId && <LogRecheck api={api} question={question} period={props.period} />}
      {kind.now !== undefined && (
        <NowSections
          parts={kind.now}
          api={api}
          location={location}
          period={props.period}
          size={question.size}
          name={name}
        />
      )}
      <Repeat {...props} name={name} />
    </article>
  )
}

/** What the report stands on: enough to ask for it again, and to tell whether an answer is of the same log. */
function Head({ kind, location, origin, question, period, made }: ReportSheetProps): ReactElement {
  const { t } = useTranslation('reports')
  const { zone } = useZone()
  const { identity } = useSession()
  const { checkpoint, events, madeAt } = made
  const { from, to } = period
  const { first, last } = daysOf({ from, to })
  return (
    <dl className={styles.head} aria-label={t('standsOn')}>
      <Item name={t('of')}>{t('ofText', { location, origin: origin ?? location })}</Item>
      <Item name={t('period')}>{t('periodText', { first, last })}</Item>
      <Item name={t('checkpoint')}>
        {t('checkpointText', { size: formatCount(question.size) })}
        {checkpoint !== undefined && (
          <>
            {' '}
            <code>{checkpoint.root}</code> · {t('signed')} <DatedMoment at={checkpoint.signedAt} />
          </>
        )}
      </Item>
      {checkpoint !== undefined && (
        <Item name={t('checked')}>
          <CheckpointCheck note={checkpoint.note} />
        </Item>
      )}
      <Item name={t('made')}>
        <DatedMoment at={madeAt} /> · {t('madeFrom', { count: events, formatted: formatCount(events) })} ·{' '}
        {t('madeBy', { name: identity.name })} · {t('zone', { zone: zoneName(Date.parse(madeAt), zone) })}
      </Item>
      <Item name={t('helpsWith')}>
        {kind.clauses.map((clause, at) => (
          <Fragment key={clause}>
            {at > 0 && ' · '}
            <span className={styles.clause}>{clause}</span>
          </Fragment>
        ))}
      </Item>
      <div data-query>
        <dt>{t('query')}</dt>
        <dd>
          <code>
            <WholeWords text={kind.query} />
          </code>
        </dd>
      </div>
    </dl>
  )
}

function Item({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** What keeps the report from being the whole answer. */
function Warnings({
  made,
  period,
  location,
}: Pick<ReportSheetProps, 'made' | 'period' | 'location'>): ReactElement | null {
  const { t } = useTranslation('reports')
  const { isCut, cutAt, checkpoint, events } = made
  const isOpen = checkpoint !== undefined && Date.parse(checkpoint.signedAt) < Date.parse(period.to)
  if (!isCut && !isOpen && events > 0) return null
  return (
    <div role="status">
      <ul className={styles.warnings}>
        {isCut && (
          <li>
            <AlertIcon size={14} />
            <span>
              {cutAt === undefined ? t('cutCounts') : t('cut', { formatted: formatCount(events), until: cutAt })}{' '}
              <OtherPeriod location={location} period={period} />
            </span>
          </li>
        )}
        {isOpen && (
          <li>
            <AlertIcon size={14} />
            <span>{t('open')}</span>
          </li>
        )}
        {events === 0 && (
          <li>
            <AlertIcon size={14} />
            <span>{t('none')}</span>
          </li>
        )}
      </ul>
    </div>
  )
}

/** How somebody else gets the same report and the same events, and proves them. */
function Repeat({
  kind,
  location,
  question,
  period,
  name,
}: ReportSheetProps & { readonly name: string }): ReactElement {
  const { t } = useTranslation('reports')
  const { query, from, to, size } = question
  const times = from === undefined || to === undefined ? '' : ` --from ${from} --to ${to}`
  const asked = `--location ${location} --query '${query}'${times} --size ${size}`
  const { key = '' } = useWitnessState().memory ?? {}
  const isSample = kind.id === sampleId
  return (
    <section>
      <h2 className={styles.heading}>{t('repeat')}</h2>
      <p className={styles.note}>{t('repeatText')}</p>
      <ul className={styles.commands}>
        {[
          ...(isSample
            ? []
            : [
                `keywitness report ${kind.id} --location ${location} --from ${period.from} --to ${period.to} --size ${size} -o ${name}.csv --evidence`,
              ]),
          `keywitness events export ${asked} -o ${name}.jsonl`,
          `keywitness evidence make ${asked} -o ${name}.evidence`,
          `keywitness evidence verify ${name}.evidence`,
        ].map((command) => (
          <li key={command}>
            <CommandLine command={command} />
          </li>
        ))}
      </ul>
      {key !== '' && (
        <p className={styles.note}>
          {t('logKey')} <code>{key}</code>
        </p>
      )}
    </section>
  )
}
