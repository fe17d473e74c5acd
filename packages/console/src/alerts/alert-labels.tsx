/** How grave an alert is and where it stands: a shape, a colour and a word each, so that none of them is needed alone. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { AlertSeverity, AlertState, RuleState } from '../api/alert-types.ts'
import {
  CheckIcon,
  ClockIcon,
  CriticalMark,
  EyeIcon,
  MuteIcon,
  NormalMark,
  OpenMark,
  PauseIcon,
  QuestionIcon,
  WarningMark,
} from '../app/icons.tsx'
import labels from '../shared/labels.module.css'

export const alertMarks = { critical: CriticalMark, warning: WarningMark, info: NormalMark }
const stateMarks = { open: OpenMark, acknowledged: EyeIcon, closed: CheckIcon }

export function AlertSeverityLabel({ severity }: { readonly severity: AlertSeverity }): ReactElement {
  const { t } = useTranslation()
  const Mark = alertMarks[severity]
  return (
    <span className={labels.label} data-tone={severity}>
      <Mark size={12} className={labels.mark} />
      {t(`alerts.severity.${severity}`)}
    </span>
  )
}

export function AlertStateLabel({ state }: { readonly state: AlertState }): ReactElement {
  const { t } = useTranslation()
  const Mark = stateMarks[state]
  return (
    <span className={labels.label}>
      <Mark size={14} className={labels.mark} />
      {t(`alerts.state.${state}`)}
    </span>
  )
}

export function MutedLabel(): ReactElement {
  const { t } = useTranslation()
  return (
    <span className={labels.label}>
      <MuteIcon size={14} className={labels.mark} />
      {t('alerts.muted')}
    </span>
  )
}

const ruleMarks: Record<RuleState, typeof CheckIcon> = {
  on: CheckIcon,
  off: PauseIcon,
  learning: ClockIcon,
  suspended: WarningMark,
  needs: QuestionIcon,
}

export function RuleStateLabel({ state }: { readonly state: RuleState }): ReactElement {
  const { t } = useTranslation()
  const Mark = ruleMarks[state]
  return (
    <span className={labels.label} data-tone={state === 'suspended' ? 'failure' : undefined}>
      <Mark size={14} className={labels.mark} />
      {t(`alerts.rules.states.${state}`)}
    </span>
  )
}
