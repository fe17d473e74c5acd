/** A person of a ceremony: the name under which the key was installed, and the key's identifier. */
import { type Person, personText } from '@keywitness/cadf/transcripts'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import styles from './transcript.module.css'

export function PersonName({ person }: { readonly person: Person }): ReactElement {
  const { t } = useTranslation('units')
  const [name, ...others] = person.names
  if (others.length > 0) return <span className={styles.bad}>{personText(person)}</span>
  return (
    <span>
      {name ?? t('nameless')} <code className={styles.ski}>{person.ski}</code>
    </span>
  )
}
