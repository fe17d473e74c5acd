/** All that this browser knows of a log: its name, its key, the last head it verified, and what that means. */
import { Button, Modal } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { type ReactElement, type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { DownloadIcon } from '../app/icons.tsx'
import { useGrowth, useRoom, useWitnessState } from '../app/witness-room.tsx'
import { useZone } from '../app/zone.tsx'
import { formatCount } from '../i18n/texts.ts'
import { formatTypedTime, zoneName } from '../trail/time-range.ts'
import { CopyButton } from '../shared/copy-button.tsx'
import { downloadText, fileNamePart } from '../shared/download.ts'
import styles from './log-details.module.css'
import { PrunedFact } from './pruned-fact.tsx'

interface LogDetailsProps {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly location: string
}

export function LogDetails({ isOpen, onClose, location }: LogDetailsProps): ReactElement {
  const { t } = useTranslation()
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={t('log.title', { location })}
      closeButtonProps={{ 'aria-label': t('close') }}
      size="lg"
    >
      {isOpen && <Details onClose={onClose} />}
    </Modal>
  )
}

function Details({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { t } = useTranslation()
  const { witness, tracker } = useRoom()
  const { phase, memory, problem } = useWitnessState()
  const { size, covered } = useGrowth()
  const { zone } = useZone()
  const [isChecking, setIsChecking] = useState(false)
  const time = (text: string): string =>
    `${formatTypedTime(Date.parse(text), zone)} ${zoneName(Date.parse(text), zone)}`
  const head = memory?.head

  const check = (): void => {
    setIsChecking(true)
    void witness.checkNow().finally(() => setIsChecking(false))
  }
  return (
    <div className={styles.details}>
      <p className={styles.lead} data-phase={phase}>
        {t(`log.lead.${phase}`, { problem })}
      </p>
      <dl className={styles.list}>
        <Row label={t('log.origin')} copy={tracker.origin}>
          <code>{tracker.origin}</code>
        </Row>
        <Row label={t('log.recorded')}>{formatCount(Math.max(size, covered))}</Row>
        <Row label={t('log.covered')}>{formatCount(covered)}</Row>
        {head !== undefined && (
          <>
            <Row label={t('log.verified')}>
              {formatCount(head.size)}, {time(head.verifiedAt)}
            </Row>
            <Row label={t('log.root')} copy={head.root}>
              <code>{head.root}</code>
            </Row>
          </>
        )}
        {memory !== undefined && (
          <>
            <Row label={t('log.key')} copy={memory.key}>
              <code>{memory.key}</code>
            </Row>
            <Row label={t('log.keySeen')}>{time(memory.keySeenAt)}</Row>
            <PrunedFact logKey={memory.key}>{(text) => <Row label={t('log.pruned')}>{text}</Row>}</PrunedFact>
          </>
        )}
      </dl>
      <p className={styles.note}>{t('log.keyNote')}</p>
      <div className={styles.actions}>
        <Button onClick={check} disabled={isChecking || phase === 'alarm'}>
          {isChecking ? t('log.checking') : t('log.check')}
        </Button>
        {head !== undefined && (
          <Button
            variant="default"
            leftSection={<DownloadIcon />}
            onClick={() => downloadText(`${fileNamePart(tracker.origin)}-${head.size}.checkpoint`, head.note)}
          >
            {t('log.download')}
          </Button>
        )}
        <Link
          to="/integrity/$location"
          params={{ location: tracker.location }}
          className={styles.more ?? ''}
          onClick={onClose}
        >
          {t('log.more')}
        </Link>
      </div>
    </div>
  )
}

function Row({ label, copy, children }: { label: string; copy?: string; children: ReactNode }): ReactElement {
  const { t } = useTranslation()
  return (
    <div className={styles.row}>
      <dt>{label}</dt>
      <dd>
        <span className={styles.value}>{children}</span>
        {copy !== undefined && <CopyButton text={copy} label={t('copy.what', { what: label })} />}
      </dd>
    </div>
  )
}
