/** How often a key is rotated by policy: a choice. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { ChoiceField } from '../shared/fields.tsx'

interface RotationChoiceProps {
  readonly label: string
  /** Null: not by policy. */
  readonly months: number | null
  /** The first of a dialog: it takes the focus. */
  readonly isFirst?: boolean
  readonly onChoose: (months: number | null) => void
}

const monthsMost = 12
const intervals = Array.from({ length: monthsMost }, (_, at) => at + 1)

export function RotationChoice({ label, months, isFirst = false, onChoose }: RotationChoiceProps): ReactElement {
  const { t } = useTranslation('keys')
  return (
    <ChoiceField
      label={label}
      value={months === null ? '' : String(months)}
      isFirst={isFirst}
      choices={[
        ['', t('acts.setRotation.none')],
        ...intervals.map((count) => [String(count), t('every', { count })] as const),
      ]}
      onChoose={(chosen) => onChoose(chosen === '' ? null : Number(chosen))}
    />
  )
}
