/** Whether a command is proved by a signature: a shape, a colour and a word. */
import type { Verdict } from '@keywitness/cadf/transcripts'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { CheckIcon, CriticalMark, CrossIcon, QuestionIcon, WarningMark } from '../app/icons.tsx'
import labels from '../shared/labels.module.css'

const looks = {
  good: [CheckIcon, undefined],
  bad: [CriticalMark, 'critical'],
  unknown: [QuestionIcon, 'critical'],
  recovery: [WarningMark, 'warning'],
  refused: [CrossIcon, undefined],
} as const

export function VerdictLabel({ verdict }: { readonly verdict: Verdict }): ReactElement {
  const { t } = useTranslation('certificates')
  const [Mark, tone] = looks[verdict]
  return (
    <span className={labels.label} data-tone={tone}>
      <Mark size={14} className={labels.mark} />
      {t(`history.verdicts.${verdict}`)}
    </span>
  )
}
