/** What this browser knows of the log at hand, in a dialog from anywhere, with the way to everything else about it. */
import { Modal } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { VerifiedHere } from './verified-here.tsx'
import sheet from '../shared/sheet.module.css'

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
      {isOpen && (
        <div className={sheet.section}>
          <VerifiedHere>
            <Link to="/integrity/$location" params={{ location }} className={sheet.link ?? ''} onClick={onClose}>
              {t('log.more')}
            </Link>
          </VerifiedHere>
        </div>
      )}
    </Modal>
  )
}
