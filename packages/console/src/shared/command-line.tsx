/** A command to run in a terminal, with a button that copies it. */
import { Fragment, type ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { CopyButton } from './copy-button.tsx'
import styles from './command-line.module.css'

export function CommandLine({ command }: { readonly command: string }): ReactElement {
  const { t } = useTranslation()
  return (
    <span className={styles.command}>
      <code>
        {command.split(' ').map((word, at) => (
          <Fragment key={`${at} ${word}`}>
            {at > 0 && ' '}
            <span className={styles.word}>{word}</span>
          </Fragment>
        ))}
      </code>
      <CopyButton text={command} label={t('copy.what', { what: t('alerts.copyCommand') })} />
    </span>
  )
}
