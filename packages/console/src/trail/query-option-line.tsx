/** One line of what the query line offers. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { Suggestion } from './completion.ts'
import type { QueryOption } from './query-options.ts'
import styles from './query-field.module.css'

export function QueryOptionLine({ option }: { readonly option: QueryOption }): ReactElement {
  const { t } = useTranslation('trail')
  if (option.kind === 'token') return <SuggestionLine suggestion={option.suggestion} />
  if (option.kind === 'run') {
    return (
      <span className={styles.suggestion}>
        <span className={styles.filter}>{t('line.run')}</span>
        <span className={styles.value} data-code>
          {option.query}
        </span>
      </span>
    )
  }
  const { insert, label, detail } = option.completion
  return (
    <span className={styles.suggestion}>
      <span className={styles.filter}>{t('line.insert')}</span>
      <span className={styles.what}>
        <span className={styles.value} data-code>
          {label ?? insert.trim()}
        </span>
        {detail !== undefined && <span className={styles.more}>{detail}</span>}
      </span>
    </span>
  )
}

function SuggestionLine({ suggestion }: { readonly suggestion: Suggestion }): ReactElement {
  const { t } = useTranslation()
  const { token, title, formerly } = suggestion
  return (
    <span className={styles.suggestion}>
      <span className={styles.filter}>{t(`filter.${token.name}`)}</span>
      <span className={styles.what}>
        <span className={styles.value} data-code={token.name === 'action' || undefined}>
          {token.name === 'initiator' && title !== undefined ? title : token.value}
        </span>
        {formerly !== undefined && <span className={styles.more}>{t('query.formerly', { name: formerly })}</span>}
        {title !== undefined && (
          <span className={styles.more}>{token.name === 'initiator' ? token.value : title.replace(/\.$/, '')}</span>
        )}
      </span>
    </span>
  )
}
