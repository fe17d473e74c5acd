/** One checkpoint: what it signs, its note as a file, and the proof that another one is of the same log. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { ListedCheckpoint } from '../api/integrity-api.ts'
import { asApiError } from '../api/problem.ts'
import { DownloadIcon } from '../app/icons.tsx'
import { PanelFact, PanelSection, SidePanel } from '../app/side-panel.tsx'
import { StateView } from '../app/state-view.tsx'
import { useRoom, useWitnessState } from '../app/witness-room.tsx'
import { useZone } from '../app/zone.tsx'
import { formatCount } from '../i18n/texts.ts'
import { claimOf } from '../proof/prove-pair.ts'
import { CopyButton } from '../shared/copy-button.tsx'
import { downloadText, fileNamePart } from '../shared/download.ts'
import { Moment, momentText } from '../shared/moment.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { useIntegrityApi } from '../shared/use-tracker-status.ts'
import { PairProof } from './pair-proof.tsx'
import sheet from '../shared/sheet.module.css'
import styles from './integrity.module.css'

interface CheckpointPanelProps {
  readonly size: number
  readonly other: number | undefined
  /** Those of the list, which need not hold this one. */
  readonly listed: readonly ListedCheckpoint[]
  readonly onCompare: (other: number | undefined) => void
  readonly onClose: () => void
}

export function CheckpointPanel({ size, other, listed, onCompare, onClose }: CheckpointPanelProps): ReactElement {
  const { t } = useTranslation('integrity')
  const note = useNote(size)
  const otherNote = useNote(other)
  const heading = t('checkpoints.of', { size: formatCount(size) })
  return (
    <SidePanel label={heading} closeLabel={t('checkpoints.close')} onClose={onClose}>
      <div className={styles.panel} role="group" aria-label={heading} tabIndex={0}>
        <h2 className="kw-hidden">{heading}</h2>
        {note.data === undefined && note.error === null && (
          <StateView kind="loading" title={t('checkpoints.loadingOne')} />
        )}
        {note.error !== null && <NoteFailed error={note.error} onRetry={() => void note.refetch()} />}
        {note.data !== undefined && (
          <>
            <Facts size={size} note={note.data} signedAt={listed.find((each) => each.size === size)?.signedAt} />
            <PanelSection title={t('pair.title')}>
              <p className={sheet.note}>{t('pair.intro')}</p>
              <OtherChoice size={size} other={other} listed={listed} onCompare={onCompare} />
              {otherNote.error !== null && (
                <NoteFailed error={otherNote.error} onRetry={() => void otherNote.refetch()} />
              )}
              {other !== undefined && otherNote.data !== undefined && (
                <PairProof key={`${size}/${other}`} one={note.data} other={otherNote.data} />
              )}
            </PanelSection>
          </>
        )}
      </div>
    </SidePanel>
  )
}

/** The note of a size, which the head that this browser remembers may have already. */
// What a query is made of is all there is to say about its type.
function useNote(size: number | undefined) {
  const { tracker } = useRoom()
  const { memory } = useWitnessState()
  const api = useIntegrityApi(tracker.location)
  return useQuery({
    queryKey: ['checkpoint', tracker.location, size],
    queryFn: ({ signal }) => {
      const head = memory?.head
      return head?.size === size && head !== undefined ? head.note : api.checkpoint(size ?? 0, signal)
    },
    enabled: size !== undefined,
    retry: false,
  })
}

function NoteFailed({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }): ReactElement {
  const { t } = useTranslation('integrity')
  const known = asApiError(error)
  if (known.kind === 'missing') {
    return <StateView kind="missing" title={t('checkpoints.missing')} text={t('checkpoints.missingText')} />
  }
  return <ReadFailed title={t('checkpoints.failedOne')} error={known} onRetry={onRetry} />
}

interface FactsProps {
  readonly size: number
  readonly note: string
  readonly signedAt: string | undefined
}

function Facts({ size, note, signedAt }: FactsProps): ReactElement {
  const { t } = useTranslation('integrity')
  const { t: tAll } = useTranslation()
  const { tracker } = useRoom()
  const root = claimOf(note)?.root
  return (
    <PanelSection title={t('checkpoints.signed')}>
      <dl>
        <PanelFact name={t('checkpoints.size')}>{formatCount(size)}</PanelFact>
        {signedAt !== undefined && (
          <PanelFact name={t('checkpoints.signedAt')}>
            <Moment at={signedAt} />
          </PanelFact>
        )}
        {root !== undefined && (
          <PanelFact name={t('checkpoints.root')}>
            <span className={sheet.copied}>
              <code className={sheet.hash}>{root}</code>
              <CopyButton text={root} label={tAll('copy.what', { what: t('checkpoints.root') })} />
            </span>
          </PanelFact>
        )}
      </dl>
      <pre className={styles.noteText}>{note}</pre>
      <div className={sheet.actions}>
        <Button
          leftSection={<DownloadIcon />}
          onClick={() => downloadText(`${fileNamePart(tracker.origin)}-${size}.checkpoint`, note)}
        >
          {tAll('log.download')}
        </Button>
      </div>
      <p className={sheet.note}>{t('checkpoints.handOut')}</p>
    </PanelSection>
  )
}

interface OtherChoiceProps extends Pick<CheckpointPanelProps, 'size' | 'other' | 'listed' | 'onCompare'> {}

function OtherChoice({ size, other, listed, onCompare }: OtherChoiceProps): ReactElement {
  const { t } = useTranslation('integrity')
  const { memory } = useWitnessState()
  const { zone } = useZone()
  const id = useId()
  const head = memory?.head
  const choices = new Map<number, string>()
  for (const each of listed) {
    choices.set(each.size, t('pair.choice', { size: formatCount(each.size), time: momentText(each.signedAt, zone) }))
  }
  if (other !== undefined && !choices.has(other)) choices.set(other, formatCount(other))
  if (head !== undefined) choices.set(head.size, t('pair.verifiedHead', { size: formatCount(head.size) }))
  choices.delete(size)
  const sizes = [...choices].toSorted(([a], [b]) => b - a)
  return (
    <label htmlFor={id} className={styles.label}>
      {t('pair.with')}
      <select
        id={id}
        className={styles.select}
        value={other ?? ''}
        onChange={(event) => {
          const chosen = event.currentTarget.value
          onCompare(chosen === '' ? undefined : Number(chosen))
        }}
      >
        <option value="">{t('pair.choose')}</option>
        {sizes.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}
