/** What a change of a policy changes: each thing as it is, and as it would be. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { type EffectChange, listChange } from './instance-policies.ts'
import { useEffectWords } from './policy-words.ts'
import styles from './policy-changes.module.css'

export function PolicyChanges({ changes }: { readonly changes: readonly EffectChange[] }): ReactElement {
  const { t } = useTranslation('keys')
  const words = useEffectWords()
  if (changes.length === 0) return <p className={styles.none}>{t('instancePolicies.nothing')}</p>
  return (
    <table className={styles.changes}>
      <thead>
        <tr>
          <th scope="col">{t('instancePolicies.what')}</th>
          <th scope="col">{t('instancePolicies.now')}</th>
          <th scope="col">{t('instancePolicies.then')}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ before, after }) => (
          <tr key={before.name}>
            <th scope="row">{t(`instancePolicies.effects.${before.name}`)}</th>
            <td>{words(before)}</td>
            <td>
              {words(after)}
              <ListChange before={before} after={after} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Of a list, what comes and what goes. */
function ListChange(change: EffectChange): ReactElement | null {
  const { t } = useTranslation('keys')
  const { added, removed } = listChange(change)
  return (
    <>
      {added.length > 0 && <p className={styles.part}>{t('instancePolicies.added', { list: added.join(', ') })}</p>}
      {removed.length > 0 && (
        <p className={styles.part}>{t('instancePolicies.removed', { list: removed.join(', ') })}</p>
      )}
    </>
  )
}
