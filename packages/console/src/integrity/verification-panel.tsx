/** One verification of the bytes on the disk: what was read, and what was found wrong, each finding with its entry. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { Finding, Verification } from '../api/integrity-api.ts'
import { PanelFact, PanelSection, SidePanel } from '../app/side-panel.tsx'
import { formatCount } from '../i18n/texts.ts'
import { CopyButton } from '../shared/copy-button.tsx'
import { durationText } from '../shared/duration-text.ts'
import { Moment } from '../shared/moment.tsx'
import { StateLabel } from '../shared/state-label.tsx'
import { verificationTone } from './verification-tone.ts'
import { EntryLink } from './entry-link.tsx'
import sheet from '../shared/sheet.module.css'
import styles from './integrity.module.css'

interface VerificationPanelProps {
  readonly verification: Verification
  readonly onClose: () => void
}

export function VerificationPanel({ verification, onClose }: VerificationPanelProps): ReactElement {
  const { t } = useTranslation('integrity')
  const { t: tAll } = useTranslation()
  const { state, startedAt, endedAt, size, root, trigger, findings = [], findingsTotal = 0, reason } = verification
  const lasted =
    startedAt === null || endedAt === undefined ? undefined : (Date.parse(endedAt) - Date.parse(startedAt)) / 1_000
  return (
    <SidePanel label={t('verification.one')} closeLabel={t('verification.close')} onClose={onClose}>
      <div className={styles.panel} role="group" aria-label={t('verification.one')} tabIndex={0}>
        <h2 className="kw-hidden">{t('verification.one')}</h2>
        <PanelSection title={t('verification.result')}>
          <p className={sheet.lead} data-tone={verificationTone(state)} role={state === 'bad' ? 'alert' : undefined}>
            <StateLabel tone={verificationTone(state)}>{t(`verification.state.${state}`)}</StateLabel>
            {' · '}
            {t(`verification.says.${state}`, { count: findingsTotal, formatted: formatCount(findingsTotal) })}
          </p>
          <dl>
            <PanelFact name={t('verification.started')}>
              {startedAt === null ? '' : <Moment at={startedAt} />}
            </PanelFact>
            <PanelFact name={t('verification.lasted')}>
              {lasted === undefined ? '' : durationText(lasted, tAll)}
            </PanelFact>
            <PanelFact name={t('verification.trigger')}>{t(`verification.by.${trigger}`)}</PanelFact>
            <PanelFact name={t('verification.entries')}>{typeof size === 'number' ? formatCount(size) : ''}</PanelFact>
            <PanelFact name={t('checkpoints.root')}>
              {typeof root === 'string' ? (
                <span className={sheet.copied}>
                  <code className={sheet.hash}>{root}</code>
                  <CopyButton text={root} label={tAll('copy.what', { what: t('checkpoints.root') })} />
                </span>
              ) : (
                ''
              )}
            </PanelFact>
            <PanelFact name={t('verification.reason')}>{reason ?? ''}</PanelFact>
          </dl>
        </PanelSection>
        {findings.length > 0 && (
          <PanelSection
            title={t('verification.found', { count: findingsTotal, formatted: formatCount(findingsTotal) })}
          >
            <ul className={sheet.list}>
              {findings.map((finding, i) => (
                <FindingLine key={i} finding={finding} />
              ))}
            </ul>
            {findingsTotal > findings.length && (
              <p className={sheet.note}>
                {t('verification.firstOnes', { count: findings.length, total: formatCount(findingsTotal) })}
              </p>
            )}
          </PanelSection>
        )}
      </div>
    </SidePanel>
  )
}

/** What the check of the bytes may find; a newer server may know more. */
const findingKinds = [
  'changed-entry',
  'swapped-entries',
  'missing-entry',
  'extra-entry',
  'wrong-leaf',
  'bad-tile',
  'missing-tile',
  'bad-segment',
  'bad-checkpoint',
  'signed-head',
  'bad-producer',
  'bad-entry',
  'bad-store',
  'bad-key',
  'bad-minimum',
  'bad-search',
  'missing-attachment',
  'changed-attachment',
  'extra-attachment',
] as const

function FindingLine({ finding }: { readonly finding: Finding }): ReactElement {
  const { t } = useTranslation('integrity')
  const { kind, message, index } = finding
  const words = findingKinds.find((known) => known === kind)
  return (
    <li className={styles.item}>
      <StateLabel tone="critical">{''}</StateLabel>
      <div>
        <p title={kind}>
          {t(`verification.kind.${words ?? 'other'}`)} {index !== undefined && <EntryLink index={index} />}
        </p>
        <p className={sheet.note}>{message}</p>
      </div>
    </li>
  )
}
