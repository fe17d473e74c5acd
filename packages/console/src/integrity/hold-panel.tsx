/** One hold: what it is for, what it covers, what was copied for it; its release is proposed here. */
import { Button } from '@mantine/core'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Hold, Proposal } from '../api/integrity-api.ts'
import { PanelFact, PanelSection, SidePanel } from '../app/side-panel.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { CommandLine } from '../shared/command-line.tsx'
import { ConfirmDialog } from '../shared/confirm-dialog.tsx'
import { Moment } from '../shared/moment.tsx'
import { StateLabel } from '../shared/state-label.tsx'
import { TrailLink } from '../shared/trail-link.tsx'
import { coverageText } from './hold-coverage.ts'
import { useKeepingAct } from './use-keeping-act.ts'
import sheet from '../shared/sheet.module.css'
import styles from './integrity.module.css'

interface HoldPanelProps {
  readonly hold: Hold
  readonly proposals: readonly Proposal[]
  readonly onClose: () => void
}

export function HoldPanel({ hold, proposals, onClose }: HoldPanelProps): ReactElement {
  const { t } = useTranslation('integrity')
  const { tracker } = useRoom()
  const [isAsking, setIsAsking] = useState(false)
  const [said, setSaid] = useState('')
  const { id, reason, state, placedBy, placedAt, releasedAt, copiedTo, eventsCopied, files } = hold
  const isProposed = proposals.some((each) => each.hold === id && each.state === 'open')
  return (
    <SidePanel label={t('hold.one')} closeLabel={t('hold.close')} onClose={onClose}>
      <div className={styles.panel} role="group" aria-label={t('hold.one')} tabIndex={0}>
        <PanelSection title={t('hold.what')}>
          <dl>
            <PanelFact name={t('hold.reason')}>{reason}</PanelFact>
            <PanelFact name={t('hold.state')}>
              <StateLabel tone={isProposed ? 'pending' : 'plain'}>
                {t(isProposed ? 'hold.releaseProposed' : `hold.states.${state}`)}
              </StateLabel>
            </PanelFact>
            <PanelFact name={t('hold.covers')}>{coverageText(hold, t)}</PanelFact>
            <PanelFact name={t('hold.placedBy')}>{placedBy.name}</PanelFact>
            <PanelFact name={t('hold.placedAt')}>
              <Moment at={placedAt} />
            </PanelFact>
            {releasedAt !== null && (
              <PanelFact name={t('hold.releasedAt')}>
                <Moment at={releasedAt} />
              </PanelFact>
            )}
            <PanelFact name={t('hold.id')}>
              <code>{id}</code>
            </PanelFact>
          </dl>
          <TrailLink words={id} />
        </PanelSection>
        <PanelSection title={t('hold.archive')}>
          <p className={sheet.text}>
            {eventsCopied === 0
              ? t('hold.nothingCopied')
              : t('hold.copied', {
                  count: eventsCopied,
                  formatted: formatCount(eventsCopied),
                  files: formatCount(files),
                  index: formatCount(copiedTo),
                })}
          </p>
          {files > 0 && <CommandLine command={`keywitness holds evidence ${id} --location ${tracker.location}`} />}
        </PanelSection>
        {state === 'open' && (
          <PanelSection title={t('hold.release')}>
            <p className={sheet.text}>{t(isProposed ? 'hold.isProposed' : 'hold.releaseText')}</p>
            <p className={sheet.text} role="status">
              {said}
            </p>
            {!isProposed && (
              <div className={sheet.actions}>
                <Button variant="default" onClick={() => setIsAsking(true)}>
                  {t('hold.proposeRelease')}
                </Button>
              </div>
            )}
          </PanelSection>
        )}
      </div>
      {isAsking && (
        <ReleaseDialog
          hold={hold}
          onClose={() => setIsAsking(false)}
          onDone={() => {
            setIsAsking(false)
            setSaid(t('keeping.done.shorter'))
          }}
        />
      )}
    </SidePanel>
  )
}

interface ReleaseDialogProps {
  readonly hold: Hold
  readonly onClose: () => void
  readonly onDone: () => void
}

function ReleaseDialog({ hold, onClose, onDone }: ReleaseDialogProps): ReactElement {
  const { t } = useTranslation('integrity')
  const { act, isBusy, error, problem } = useKeepingAct(
    (api) => api.propose({ kind: 'hold-release', hold: hold.id }),
    onDone,
  )
  return (
    <ConfirmDialog
      title={t('hold.askRelease')}
      confirm={t('hold.proposeRelease')}
      isBusy={isBusy}
      error={error}
      explain={() => problem}
      onConfirm={act}
      onCancel={onClose}
    >
      <p>
        <strong>{hold.reason}</strong>
      </p>
      <p>{t('hold.releaseWill')}</p>
      <p className={sheet.note}>{t('keeping.shorterNote')}</p>
    </ConfirmDialog>
  )
}
