/** A rule for people: its name, what it is for, when it fires; and as JSON, folded. */
import { type ReactElement, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Rule } from '../api/alert-types.ts'
import { CopyButton } from '../shared/copy-button.tsx'
import { conditionLines } from './condition-words.ts'
import styles from './rule-text.module.css'

export function RuleText({ rule }: { readonly rule: Rule }): ReactElement {
  return (
    <>
      <p className={styles.name}>{rule.name}</p>
      <p className={styles.text}>{rule.description}</p>
      <RuleCondition rule={rule} />
      <RuleJson rule={rule} />
    </>
  )
}

export function RuleCondition({ rule }: { readonly rule: Rule }): ReactElement {
  const { t } = useTranslation()
  return (
    <div className={styles.condition}>
      <p className={styles.when}>{t('alerts.panel.condition')}</p>
      <ul className={styles.lines}>
        {conditionLines(rule, t).map(({ words, query }, i) => (
          <li key={i}>
            {words}
            {query !== undefined && <code className={styles.query}>{query}</code>}
          </li>
        ))}
      </ul>
    </div>
  )
}

export function RuleJson({ rule }: { readonly rule: Rule }): ReactElement {
  const { t } = useTranslation()
  const text = useMemo(() => JSON.stringify(rule, null, 2), [rule])
  return (
    <details className={styles.json}>
      <summary>{t('alerts.panel.json')}</summary>
      <div className={styles.box}>
        <CopyButton text={text} label={t('copy.what', { what: t('panel.view.json') })} />
        <pre>
          <code>{text}</code>
        </pre>
      </div>
    </details>
  )
}
