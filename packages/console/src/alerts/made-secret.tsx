/** The signing secret that the server made for a webhook: shown this once, until somebody says that it is kept. */
import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { CopyButton } from '../shared/copy-button.tsx'
import { Notice } from '../shared/notice.tsx'
import styles from './channels-view.module.css'

interface MadeSecretProps {
  /** What its channel is called. */
  readonly name: string
  readonly secret: string
  readonly onSeen: () => void
}

export function MadeSecret({ name, secret, onSeen }: MadeSecretProps): ReactElement {
  const { t } = useTranslation('alerts')
  return (
    <Notice tone="warning" title={t('made.title', { name })}>
      <p>{t('made.text')}</p>
      <p className={styles.secret}>
        <code>{secret}</code>
        <CopyButton text={secret} label={t('made.copy')} />
      </p>
      <Button variant="default" onClick={onSeen}>
        {t('made.seen')}
      </Button>
    </Notice>
  )
}
