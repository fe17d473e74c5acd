/** The loudest thing in the product: the log contradicts what this browser verified. In words, with both heads, until a person ends it. */
import { Button, Modal, TextInput } from '@mantine/core'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { AlertIcon, DownloadIcon } from '../app/icons.tsx'
import { useRoom, useWitnessState } from '../app/witness-room.tsx'
import { useZone } from '../app/zone.tsx'
import { formatCount } from '../i18n/texts.ts'
import { formatTypedTime, zoneName } from '../trail/time-range.ts'
import { type AlarmEvidence, type LogAlarm, alarmFile } from './alarm.ts'
import { downloadText, fileNamePart } from '../shared/download.ts'
import styles from './alarm-banner.module.css'

export function AlarmBanner(): ReactElement | null {
  const { alarm } = useWitnessState()
  return alarm === undefined ? null : <Banner alarm={alarm} />
}

function Banner({ alarm }: { readonly alarm: LogAlarm }): ReactElement {
  const { t } = useTranslation()
  const { zone } = useZone()
  const { tracker } = useRoom()
  const [isForgetting, setIsForgetting] = useState(false)
  const time = (text: string | undefined): string =>
    text === undefined
      ? t('alarm.unknownTime')
      : `${formatTypedTime(Date.parse(text), zone)} ${zoneName(Date.parse(text), zone)}`
  return (
    <section className={styles.banner} role="alert" aria-labelledby="alarm-title">
      <AlertIcon size={28} className={styles.icon} />
      <div className={styles.body}>
        <h2 id="alarm-title" className={styles.title}>
          {t(`alarm.title.${alarm.kind}`)}
        </h2>
        <p className={styles.text}>
          {t(`alarm.text.${alarm.kind}`, {
            location: tracker.location,
            index: alarm.index,
            knownSize: formatCount(alarm.known.size ?? 0),
            seenSize: formatCount(alarm.seen.size ?? 0),
            knownAt: time(alarm.known.at),
            seenOrigin: alarm.seen.origin,
            knownOrigin: alarm.known.origin,
          })}
        </p>
        <p className={styles.text}>{t('alarm.advice')}</p>
        <div className={styles.sides}>
          <Side title={t('alarm.known')} evidence={alarm.known} at={time(alarm.known.at)} />
          <Side title={t('alarm.seen')} evidence={alarm.seen} at={time(alarm.seen.at)} />
        </div>
        <div className={styles.actions}>
          <Button
            variant="white"
            className={styles.button}
            leftSection={<DownloadIcon />}
            onClick={() => downloadText(`${fileNamePart(alarm.origin)}-alarm.txt`, alarmFile(alarm))}
          >
            {t('alarm.download')}
          </Button>
          <Button variant="outline" className={styles.quiet} onClick={() => setIsForgetting(true)}>
            {t('alarm.forget')}
          </Button>
        </div>
      </div>
      <ForgetDialog isOpen={isForgetting} onClose={() => setIsForgetting(false)} location={tracker.location} />
    </section>
  )
}

function Side({ title, evidence, at }: { title: string; evidence: AlarmEvidence; at: string }): ReactElement {
  const { t } = useTranslation()
  const lines = [
    [t('alarm.size'), evidence.size === undefined ? undefined : formatCount(evidence.size)],
    [t('alarm.root'), evidence.root],
    [t('alarm.key'), evidence.key],
    [t('alarm.origin'), evidence.origin],
  ] as const
  return (
    <section className={styles.side}>
      <h3 className={styles.sideTitle}>
        {title} <span className={styles.at}>{at}</span>
      </h3>
      <dl>
        {lines.map(([label, value]) => (
          <div key={label} className={styles.line}>
            <dt>{label}</dt>
            <dd>{value ?? t('alarm.notGiven')}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

/** Ending the alarm is a decision: it takes typing the location's name. */
function ForgetDialog(props: { isOpen: boolean; onClose: () => void; location: string }): ReactElement {
  const { t } = useTranslation()
  const { witness } = useRoom()
  const [typed, setTyped] = useState('')
  const { isOpen, onClose, location } = props
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={t('alarm.forgetTitle')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <div className={styles.dialog}>
        <p>{t('alarm.forgetText')}</p>
        <TextInput
          label={t('alarm.forgetLabel', { location })}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-autofocus
          autoComplete="off"
          spellCheck={false}
        />
        <div className={styles.actions}>
          <Button
            className={styles.danger}
            disabled={typed.trim() !== location}
            onClick={() => {
              onClose()
              witness.forget()
            }}
          >
            {t('alarm.forgetConfirm')}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
