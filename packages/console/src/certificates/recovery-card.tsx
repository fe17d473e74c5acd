/** One recovery: what it does, who agreed, how long there is to stop it, and what one may do about it. */
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CertificatesApi, Recovery } from '../api/certificates-api.ts'
import { ClockIcon, CriticalMark, NormalMark } from '../app/icons.tsx'
import { useSession } from '../app/session.tsx'
import { PanelFact } from '../app/side-panel.tsx'
import { ConfirmDialog } from '../shared/confirm-dialog.tsx'
import { Moment } from '../shared/moment.tsx'
import { durationText } from '../shared/duration-text.ts'
import { TrailLink } from '../shared/trail-link.tsx'
import { useNow } from '../shared/use-now.ts'
import cards from '../shared/cards.module.css'
import labels from '../shared/labels.module.css'

interface RecoveryCardProps {
  readonly recovery: Recovery
  readonly waitingHours: number
  readonly api: CertificatesApi
  readonly onChanged: () => Promise<void>
}

export function RecoveryCard({ recovery, waitingHours, api, onChanged }: RecoveryCardProps): ReactElement {
  const { t } = useTranslation('certificates')
  const { id, administrator, says, state, proposedBy, proposedAt, approvedBy, approvedAt, endedAt } = recovery
  const name = administrator.name ?? administrator.id
  const me = useSession().identity
  const isPending = state === 'open' || state === 'approved'
  return (
    <section className={cards.card} aria-label={t('recovery.of', { name })} data-over={isPending ? undefined : true}>
      <div className={cards.top}>
        <h3 className={cards.name}>{t('recovery.of', { name })}</h3>
        <StateLabel state={state} />
      </div>
      <p className={cards.text}>{says}</p>
      <TimeLeft recovery={recovery} />
      <dl>
        <PanelFact name={t('recovery.proposed')}>
          {proposedBy.name}, <Moment at={proposedAt} />
        </PanelFact>
        {approvedBy !== null && approvedAt !== null && (
          <PanelFact name={t('recovery.approved')}>
            {approvedBy.name}, <Moment at={approvedAt} />
          </PanelFact>
        )}
        {endedAt !== null && (
          <PanelFact name={t('recovery.ended')}>
            {nameOfEnder(recovery, me)}
            <Moment at={endedAt} />
          </PanelFact>
        )}
      </dl>
      {isPending && <Acts recovery={recovery} waitingHours={waitingHours} api={api} onChanged={onChanged} />}
      <TrailLink words={id} />
    </section>
  )
}

/** Whoever ended it is most often one of those it names. */
function nameOfEnder(recovery: Recovery, me: { readonly id: string; readonly name: string }): string {
  const { endedBy, proposedBy, approvedBy, administrator } = recovery
  if (endedBy === null) return ''
  const name = [proposedBy, approvedBy, administrator, me].find((each) => each?.id === endedBy)?.name ?? endedBy
  return `${name}, `
}

const looks = {
  open: [ClockIcon, 'warning'],
  approved: [CriticalMark, 'critical'],
  withdrawn: [NormalMark, undefined],
  lapsed: [NormalMark, undefined],
  performed: [NormalMark, undefined],
  outdated: [NormalMark, undefined],
} as const

function StateLabel({ state }: Pick<Recovery, 'state'>): ReactElement {
  const { t } = useTranslation('certificates')
  const [Mark, tone] = looks[state]
  return (
    <span className={labels.label} data-tone={tone}>
      <Mark size={12} className={labels.mark} />
      {t(`recovery.states.${state}`)}
    </span>
  )
}

/** In words, so that nobody has to reckon with zones. */
function TimeLeft({ recovery: { state, dueAt, expiresAt } }: Pick<RecoveryCardProps, 'recovery'>): ReactElement | null {
  const { t } = useTranslation('certificates')
  const { t: common } = useTranslation()
  const now = useNow()
  const until = state === 'open' ? expiresAt : state === 'approved' ? dueAt : null
  if (until === null) return null
  const left = Date.parse(until) - now
  const isDue = left <= 0
  return (
    <p className={cards.text}>
      <strong>
        {isDue
          ? t(state === 'open' ? 'recovery.lapses' : 'recovery.due')
          : t(state === 'open' ? 'recovery.approveWithin' : 'recovery.performedIn', {
              span: durationText(left / 1_000, common, 'minutes'),
            })}
      </strong>{' '}
      <Moment at={until} />
    </p>
  )
}

function Acts({ recovery, waitingHours, api, onChanged }: RecoveryCardProps): ReactElement {
  const { t } = useTranslation('certificates')
  const { identity } = useSession()
  const [asked, setAsked] = useState<'approve' | 'withdraw'>()
  const { id, state, administrator, proposedBy } = recovery
  const acting = useMutation({
    mutationFn: (act: 'approve' | 'withdraw') => api[act](id),
    networkMode: 'always',
    onSuccess: async () => {
      setAsked(undefined)
      await onChanged()
    },
  })
  const isOwn = proposedBy.id === identity.id
  return (
    <>
      {state === 'open' && isOwn && <p className={cards.note}>{t('recovery.needsOther')}</p>}
      <div className={cards.buttons}>
        {state === 'open' && !isOwn && <Button onClick={() => setAsked('approve')}>{t('recovery.approve')}</Button>}
        <Button variant="default" onClick={() => setAsked('withdraw')}>
          {t('recovery.withdraw')}
        </Button>
      </div>
      {asked !== undefined && (
        <ConfirmDialog
          title={t(`recovery.${asked}Title`)}
          name={administrator.name ?? administrator.id}
          confirm={t(`recovery.${asked}Confirm`)}
          isBusy={acting.isPending}
          error={acting.error}
          explain={({ kind }) => (kind === 'forbidden' ? t('recovery.forbiddenChange') : undefined)}
          onCancel={() => {
            acting.reset()
            setAsked(undefined)
          }}
          onConfirm={() => acting.mutate(asked)}
        >
          <p>{t(`recovery.${asked}Ask`, { count: waitingHours })}</p>
          <p>{recovery.says}</p>
        </ConfirmDialog>
      )}
    </>
  )
}
