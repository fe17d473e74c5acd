/** One step of a ceremony: what was done, by whose signatures, what it proves, and where its event and proof are. */
import { Button } from '@mantine/core'
import type { Step } from '@keywitness/cadf/transcripts'
import { type ReactElement, useId } from 'react'
import { useTranslation } from 'react-i18next'
import { CheckIcon, ChevronIcon, CrossIcon } from '../app/icons.tsx'
import { PanelFact } from '../app/side-panel.tsx'
import { formatCount } from '../i18n/texts.ts'
import { EventLink } from '../shared/event-link.tsx'
import { isoOf } from '../shared/event-time.ts'
import { Moment } from '../shared/moment.tsx'
import { StateLabel } from '../shared/state-label.tsx'
import { WholeWords } from '../shared/whole-words.tsx'
import { FieldName } from '../trail/field-name.tsx'
import { PersonName } from './person-name.tsx'
import labels from '../shared/labels.module.css'
import styles from './transcript.module.css'

interface TranscriptStepProps {
  readonly step: Step
  readonly number: number
  readonly action: string
  readonly isOpen: boolean
  /** Whether this browser has proved that the log holds its event as it is shown. */
  readonly isProven: boolean
  readonly onToggle: () => void
  readonly onPrevious: (() => void) | undefined
  readonly onNext: (() => void) | undefined
}

export function TranscriptStep(props: TranscriptStepProps): ReactElement {
  const { step, number, action, isOpen, isProven, onToggle, onPrevious, onNext } = props
  const { t } = useTranslation('units')
  const bodyId = useId()
  const { index, leafHash, time, what, isDone, failure, sender, senderId, signers } = step
  const Mark = isDone ? CheckIcon : CrossIcon
  return (
    <li className={styles.step} data-step={index} data-open={isOpen || undefined}>
      <button
        type="button"
        className={styles.stepHead}
        data-head
        aria-expanded={isOpen}
        aria-controls={bodyId}
        onClick={onToggle}
      >
        <span className={styles.number}>{number}</span>
        <span className={styles.what}>
          <WholeWords text={what} />
        </span>
        <span className={styles.state}>
          <span className={labels.label} data-tone={isDone ? undefined : 'failure'}>
            <Mark size={14} className={labels.mark} />
            {t(isDone ? 'transcript.done' : 'transcript.notDone')}
          </span>
          <span className={styles.when}>
            <Moment at={isoOf(time)} />
          </span>
        </span>
        <ChevronIcon size={14} className={styles.chevron} />
      </button>
      {/* Always there: what is printed has all of it. */}
      <div id={bodyId} className={styles.stepBody}>
        {failure !== undefined && <p className={styles.bad}>{t('transcript.why', { why: failure })}</p>}
        <dl>
          <PanelFact name={t(isDone ? 'transcript.signedBy' : 'transcript.namedSigners')}>
            {signers.length === 0 ? (
              t('transcript.noSigner')
            ) : (
              <ul className={styles.people}>
                {signers.map((person) => (
                  <li key={person.ski}>
                    <PersonName person={person} />
                  </li>
                ))}
              </ul>
            )}
          </PanelFact>
          <PanelFact name={t('transcript.sentBy')}>
            {sender === senderId ? sender : `${sender} (${senderId})`}
          </PanelFact>
          <Told details={step.details} />
          <PanelFact name={t('transcript.proves')}>{t(isDone ? provedBy(action) : 'proves.refused')}</PanelFact>
          <PanelFact name={t('transcript.inLog')}>
            {t('transcript.leaf', { index: formatCount(index) })} <code>{leafHash}</code>{' '}
            {isProven && <StateLabel tone="good">{t('transcript.provedHere')}</StateLabel>}
          </PanelFact>
        </dl>
        <div className={styles.stepFoot}>
          <EventLink index={index}>{t('transcript.event')}</EventLink>
          <EventLink index={index} isProof>
            {t('transcript.proof')}
          </EventLink>
          <span className={styles.walk}>
            <Button variant="default" disabled={onPrevious === undefined} onClick={onPrevious}>
              {t('transcript.previous')}
            </Button>
            <Button variant="default" disabled={onNext === undefined} onClick={onNext}>
              {t('transcript.next')}
            </Button>
          </span>
        </div>
      </div>
    </li>
  )
}

/** What its event says besides, each by the name that it has there. */
function Told({ details }: Pick<Step, 'details'>): ReactElement | null {
  const { t } = useTranslation('units')
  if (details.length === 0) return null
  return (
    <PanelFact name={t('transcript.told')}>
      <ul className={styles.people}>
        {details.map(({ what, values }) => (
          <li key={what}>
            <FieldName name={what} />:{' '}
            {values.map((value, at) => (
              <span key={`${at}-${value}`}>
                {at > 0 && ', '}
                <code>{value}</code>
              </span>
            ))}
          </li>
        ))}
      </ul>
    </PanelFact>
  )
}

/** What is proved by a step that was done, action by action. */
const proofs = {
  'hs-crypto.tke-cryptounit.reset': 'proves.reset',
  'hs-crypto.tke-cryptounit-admin.add': 'proves.adminAdd',
  'hs-crypto.tke-cryptounit-admin.remove': 'proves.adminRemove',
  'hs-crypto.tke-cryptounit-threshold.set': 'proves.threshold',
  'hs-crypto.tke-cryptounit-master-key-register.add': 'proves.load',
  'hs-crypto.tke-cryptounit-master-key-register.commit': 'proves.commit',
  'hs-crypto.tke-cryptounit-master-key-register.activate': 'proves.activate',
  'hs-crypto.tke-cryptounit-new-master-key-register.clear': 'proves.clearNew',
  'hs-crypto.tke-cryptounit-current-master-key-register.clear': 'proves.clearCurrent',
  'hs-crypto.tke-cryptounit-importer.create': 'proves.importer',
  'hs-crypto.tke-cryptounit-master-key.export': 'proves.export',
  'hs-crypto.tke-cryptounit-control-point.set': 'proves.controlPoint',
  'hs-crypto.tke-cryptounit.hold': 'proves.hold',
  'hs-crypto.tke-cryptounit-process.restart': 'proves.restart',
  'hs-crypto.tke-cryptounit-failover.enable': 'proves.failover',
  'hs-crypto.tke-master-key-rotation.start': 'proves.rotationStart',
  'hs-crypto.tke-master-key-rotation.complete': 'proves.rotationComplete',
} as const

function provedBy(action: string): (typeof proofs)[keyof typeof proofs] | 'proves.other' {
  return Object.hasOwn(proofs, action) ? proofs[action as keyof typeof proofs] : 'proves.other'
}
