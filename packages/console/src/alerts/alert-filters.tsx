/** Above the list: which alerts are shown. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { AlertSeverity } from '../api/alert-types.ts'
import { CloseIcon } from '../app/icons.tsx'
import { ToggleGroup } from '../shared/toggle-group.tsx'
import { alertMarks } from './alert-labels.tsx'
import type { ViewProps } from './page-frame.tsx'
import { alertSeverities, stateFilters } from './search.ts'
import styles from './alert-filters.module.css'

export function AlertFilters({ search, onChange }: ViewProps): ReactElement {
  const { t } = useTranslation()
  const { state = 'active', severity, rule, ...rest } = search
  return (
    <div className={styles.filters}>
      <div role="group" aria-label={t('alerts.filters.state')} className={styles.states}>
        {stateFilters.map((each) => (
          <button
            key={each}
            type="button"
            className={styles.state}
            aria-pressed={each === state}
            onClick={() => onChange({ ...search, state: each })}
          >
            {t(`alerts.filters.states.${each}`)}
          </button>
        ))}
      </div>
      <ToggleGroup<AlertSeverity>
        label={t('alerts.filters.severity')}
        values={alertSeverities}
        chosen={severity === undefined ? [] : [severity]}
        marks={alertMarks}
        nameOf={(value) => t(`alerts.severity.${value}`)}
        onChange={(chosen) => {
          const next = chosen.find((value) => value !== severity)
          const others = { ...rest, state, ...(rule !== undefined && { rule }) }
          onChange(next === undefined ? others : { ...others, severity: next })
        }}
      />
      {rule !== undefined && (
        <button
          type="button"
          className={styles.rule}
          title={t('alerts.filters.removeRule')}
          onClick={() => onChange({ ...rest, state, ...(severity !== undefined && { severity }) })}
        >
          <span className={styles.ruleName}>{t('alerts.filters.rule', { rule })}</span>
          <CloseIcon size={12} />
          <span className="kw-hidden">{t('alerts.filters.removeRule')}</span>
        </button>
      )}
    </div>
  )
}
