/** A command to run in a terminal, with a button that copies it. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { CopyButton } from './copy-button.tsx'
import { WholeWords } from './whole-words.tsx'
import styles from './command-line.module.css'

export function CommandLine({ command }: { readonly command: string }): ReactElement {
  const { t } = useTranslation()
  return (
    <span className={styles.command}>
      <code>
        <WholeWords text={command} />
      </code>
      <CopyButton text={command} label={t('copy.what', { what: t('alerts.copyCommand') })} />
    </span>
  )
}
