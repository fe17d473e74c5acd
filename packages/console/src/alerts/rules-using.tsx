/** The rules that name a channel or a calendar, each a step away; nothing where they could not be read but that. */
import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { RuleView } from '../api/alert-types.ts'
import { asApiError } from '../api/problem.ts'
import type { AlertsSearch } from './search.ts'
import panel from './alert-panel.module.css'
import say from '../shared/say-form.module.css'

interface RulesUsingProps {
  /** Undefined while they are not known. */
  readonly using: readonly RuleView[] | undefined
  readonly error: Error | null
  readonly onRetry: () => void
  readonly onChange: (search: AlertsSearch) => void
}

export function RulesUsing({ using, error, onRetry, onChange }: RulesUsingProps): ReactElement {
  const { t } = useTranslation('alerts')
  if (using === undefined && error !== null) {
    return (
      <div className={say.buttons}>
        <p className={say.error} role="alert">
          {t('using.failed', { message: asApiError(error).message })}
        </p>
        <Button variant="default" size="compact-sm" onClick={onRetry}>
          {t('form.retry')}
        </Button>
      </div>
    )
  }
  if (using === undefined) return <p role="status">{t('using.loading')}</p>
  if (using.length === 0) return <p>{t('using.none')}</p>
  return (
    <ul className={panel.ways}>
      {using.map(({ rule }) => (
        <li key={rule.id}>
          <button type="button" className={panel.way} onClick={() => onChange({ view: 'rules', rule: rule.id })}>
            <bdi>{rule.name}</bdi>
          </button>
        </li>
      ))}
    </ul>
  )
}
