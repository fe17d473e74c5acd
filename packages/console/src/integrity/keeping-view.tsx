/** For how long events are kept, what is held, and what two people decide about it. */
import { type ReactElement, type ReactNode, useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { Proposal } from '../api/integrity-api.ts'
import { StateView } from '../app/state-view.tsx'
import { AsOf } from '../shared/as-of.tsx'
import { Notice } from '../shared/notice.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { HoldPanel } from './hold-panel.tsx'
import { HoldsSection } from './holds-section.tsx'
import { ProposalsSection } from './proposals-section.tsx'
import { RetentionSection } from './retention-section.tsx'
import { type Keeping, type KeepingPart, useKeeping } from './use-keeping.ts'
import type { ViewProps } from './view-props.ts'
import sheet from '../shared/sheet.module.css'
import styles from './integrity.module.css'

/** Of a part that could not be read nothing is known: the server refuses what would contradict it. */
const unknownProposals: readonly Proposal[] = []

export function KeepingView({ search, onChange, frame }: ViewProps): ReactElement {
  const { t } = useTranslation('integrity')
  const keeping = useKeeping()
  const { retention, holds, proposals, readAt, again } = keeping
  const known = proposals.value ?? unknownProposals
  const failed = retention.error ?? holds.error ?? proposals.error
  if (readAt === undefined) {
    return frame(
      failed === undefined || keeping.isReading ? (
        <StateView kind="loading" title={t('keeping.loading')} />
      ) : (
        <ReadFailed title={t('keeping.failed')} error={failed} onRetry={again} />
      ),
    )
  }
  const open = holds.value?.find(({ id }) => id === search.hold)
  return frame(
    <section className={sheet.body} aria-label={t('view.keeping')} tabIndex={0}>
      <ReadLine keeping={keeping} readAt={readAt} />
      <Part title={t('proposal.title')} part={proposals}>
        {(value) => <ProposalsSection proposals={value} />}
      </Part>
      <Part title={t('retention')} part={retention}>
        {(value) => <RetentionSection retention={value} proposals={known} />}
      </Part>
      <Part title={t('holds')} part={holds}>
        {(value) => (
          <HoldsSection
            holds={value}
            proposals={known}
            openId={search.hold}
            onOpen={(hold) => onChange({ view: 'keeping', hold }, open !== undefined)}
          />
        )}
      </Part>
    </section>,
    open === undefined ? undefined : (
      <HoldPanel key={open.id} hold={open} proposals={known} onClose={() => onChange({ view: 'keeping' })} />
    ),
  )
}

/** As of when it is, what of it is missing, and what is old since it could not be read again. */
function ReadLine({ keeping, readAt }: { readonly keeping: Keeping; readonly readAt: number }): ReactElement {
  const { t } = useTranslation('integrity')
  const { retention, holds, proposals, isReading, again } = keeping
  const parts = [
    { ...proposals, name: t('proposals') },
    { ...retention, name: t('retention') },
    { ...holds, name: t('holds') },
  ]
  const missing = parts.filter(({ value, error }) => value === undefined && error !== undefined)
  const old = parts.find(({ value, error }) => value !== undefined && error !== undefined)
  return (
    <>
      <div className={sheet.actions}>
        <AsOf at={readAt} isReading={isReading} onRefresh={again} />
        {old?.error !== undefined && (
          <p className={sheet.note} role="alert">
            {t('keeping.old', { message: old.error.message })}
          </p>
        )}
      </div>
      {missing.length > 0 && (
        <Notice tone="warning" title={t('keeping.partial', { parts: missing.map(({ name }) => name).join(', ') })} />
      )}
    </>
  )
}

interface PartProps<Value> {
  readonly title: string
  readonly part: KeepingPart<Value>
  readonly children: (value: Value) => ReactNode
}

/** A part with its own state: being read, failed, or shown. */
function Part<Value>({ title, part, children }: PartProps<Value>): ReactNode {
  const { t } = useTranslation('integrity')
  const id = useId()
  const { value, error, again } = part
  if (value !== undefined) return children(value)
  return (
    <section className={sheet.section} aria-labelledby={id}>
      <h2 id={id} className={sheet.heading}>
        {title}
      </h2>
      <div className={styles.lacking}>
        {error === undefined ? (
          <StateView kind="loading" title={t('keeping.loading')} />
        ) : (
          <ReadFailed title={t('keeping.failedPart')} error={error} onRetry={again} />
        )}
      </div>
    </section>
  )
}
