/** What somebody proposes and somebody else decides: what will happen in words, how long there is, and what became of others. */
import { Button } from '@mantine/core'
import type { TFunction } from 'i18next'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Proposal } from '../api/integrity-api.ts'
import { useSession } from '../app/session.tsx'
import { ConfirmDialog } from '../shared/confirm-dialog.tsx'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { durationText } from '../shared/duration-text.ts'
import { Moment } from '../shared/moment.tsx'
import { StateLabel } from '../shared/state-label.tsx'
import { useNow } from '../shared/use-now.ts'
import { useKeepingAct } from './use-keeping-act.ts'
import cards from '../shared/cards.module.css'
import sheet from '../shared/sheet.module.css'
import styles from './integrity.module.css'

/** How often the time left is told anew. */
const tickMs = 30_000

export function ProposalsSection({ proposals }: { readonly proposals: readonly Proposal[] }): ReactElement {
  const { t } = useTranslation('integrity')
  const now = useNow(tickMs)
  const [done, setDone] = useState('')
  const open = proposals.filter(({ state }) => state === 'open')
  const ended = proposals.filter(({ state }) => state !== 'open')
  return (
    <section className={sheet.section} aria-labelledby="proposals">
      <h2 id="proposals" className={sheet.heading}>
        {t('proposal.title')}
      </h2>
      <p className={sheet.note}>{t('proposal.rule')}</p>
      <p className={sheet.text} role="status">
        {done}
      </p>
      {open.length === 0 && <p className={sheet.text}>{t('proposal.none')}</p>}
      {open.map((proposal) => (
        <ProposalCard key={proposal.id} proposal={proposal} now={now} onDone={setDone} />
      ))}
      {ended.length > 0 && (
        <details className={styles.folded}>
          <summary>{t('proposal.ended', { count: ended.length })}</summary>
          <DataTable label={t('proposal.endedLabel')} columns={columnsIn(t)} rows={ended} keyOf={({ id }) => id} />
        </details>
      )}
    </section>
  )
}

interface ProposalCardProps {
  readonly proposal: Proposal
  readonly now: number
  readonly onDone: (said: string) => void
}

function ProposalCard({ proposal, now, onDone }: ProposalCardProps): ReactElement {
  const { t } = useTranslation('integrity')
  const { t: tAll } = useTranslation()
  const { identity } = useSession()
  const [asking, setAsking] = useState<'approve' | 'withdraw'>()
  const { id, kind, says, proposedBy, proposedAt, expiresAt } = proposal
  const isOwn = proposedBy.id === identity.id
  const left = (Date.parse(expiresAt) - now) / 1_000
  return (
    <section className={cards.card} aria-label={t(`proposal.kind.${kind}`)} data-proposal={id}>
      <div className={cards.top}>
        <h3 className={cards.name}>{t(`proposal.kind.${kind}`)}</h3>
        <StateLabel tone="pending">
          {left <= 0 ? t('proposal.lapsing') : t('proposal.left', { time: durationText(left, tAll) })}
        </StateLabel>
      </div>
      <p className={cards.text}>
        {t('proposal.ifApproved')} {says}
      </p>
      <p className={cards.note}>
        {t('proposal.by', { name: proposedBy.name })} <Moment at={proposedAt} />
        {' · '}
        {t('proposal.until')} <Moment at={expiresAt} />
      </p>
      <p className={cards.note} data-screen>
        {t(isOwn ? 'proposal.own' : 'proposal.second')}
      </p>
      <div className={cards.buttons}>
        {!isOwn && <Button onClick={() => setAsking('approve')}>{t('proposal.approve')}</Button>}
        <Button variant="default" onClick={() => setAsking('withdraw')}>
          {t('proposal.withdraw')}
        </Button>
      </div>
      {asking !== undefined && (
        <EndDialog proposal={proposal} how={asking} onClose={() => setAsking(undefined)} onDone={onDone} />
      )}
    </section>
  )
}

interface EndDialogProps {
  readonly proposal: Proposal
  readonly how: 'approve' | 'withdraw'
  readonly onClose: () => void
  readonly onDone: (said: string) => void
}

function EndDialog({ proposal, how, onClose, onDone }: EndDialogProps): ReactElement {
  const { t } = useTranslation('integrity')
  const { id, kind, says, proposedBy } = proposal
  const { act, isBusy, error, problem } = useKeepingAct(
    (api) => api.end(id, how),
    () => {
      onDone(t(`proposal.done.${how}`))
      onClose()
    },
  )
  return (
    <ConfirmDialog
      title={t(`proposal.ask.${how}`)}
      confirm={t(`proposal.confirm.${how}`)}
      isBusy={isBusy}
      error={error}
      explain={() => problem}
      onConfirm={act}
      onCancel={onClose}
    >
      <p>
        <strong>{t(`proposal.kind.${kind}`)}</strong>
      </p>
      <p>{how === 'approve' ? says : `${t('proposal.ifApproved')} ${says}`}</p>
      {how === 'withdraw' && <p>{t('proposal.withdrawText')}</p>}
      <p className={sheet.note}>
        {how === 'approve' ? t('proposal.approveText', { name: proposedBy.name }) : t('proposal.recorded')}
      </p>
    </ConfirmDialog>
  )
}

const endTones = { open: 'pending', approved: 'good', withdrawn: 'plain', lapsed: 'plain' } as const

function columnsIn(t: TFunction<'integrity'>): readonly [Column<Proposal>, ...Column<Proposal>[]] {
  return [
    {
      id: 'says',
      title: t('proposal.what'),
      cell: ({ says, kind }) => (says === '' ? t(`proposal.kind.${kind}`) : says),
    },
    {
      id: 'state',
      title: t('proposal.state'),
      cell: ({ state }) => <StateLabel tone={endTones[state]}>{t(`proposal.states.${state}`)}</StateLabel>,
    },
    {
      id: 'by',
      title: t('proposal.proposedBy'),
      needs: 'middle',
      cell: ({ proposedBy, proposedAt }) => (
        <>
          {proposedBy.name} <Moment at={proposedAt} />
        </>
      ),
    },
    {
      id: 'ended',
      title: t('proposal.endedBy'),
      needs: 'middle',
      cell: ({ endedBy, endedAt }) => (
        <>
          {endedBy ?? ''} {endedAt !== null && <Moment at={endedAt} />}
        </>
      ),
    },
  ]
}
