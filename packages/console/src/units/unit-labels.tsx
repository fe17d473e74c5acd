/** Words and marks of crypto units: how one stands, and the verification pattern of a master key. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { CryptoUnit } from '../api/units-api.ts'
import { CheckIcon, ClockIcon, CriticalMark, WarningMark } from '../app/icons.tsx'
import { CopyButton } from '../shared/copy-button.tsx'
import labels from '../shared/labels.module.css'
import styles from './units.module.css'

const looks = {
  ready: [CheckIcon, undefined],
  serving: [WarningMark, 'warning'],
  imprint: [ClockIcon, 'warning'],
  no_master_key: [WarningMark, 'warning'],
  differs: [CriticalMark, 'critical'],
  stale: [CriticalMark, 'critical'],
} as const

export function UnitState({ state }: Pick<CryptoUnit, 'state'>): ReactElement {
  const { t } = useTranslation('units')
  const [Mark, tone] = looks[state]
  return (
    <span className={labels.label} data-tone={tone}>
      <Mark size={12} className={labels.mark} />
      {t(`states.${state}`)}
    </span>
  )
}

interface PatternProps {
  /** 64 hex digits; undefined or empty for an empty register. */
  readonly pattern: string | undefined
  /** Only its beginning, which people compare first. */
  readonly isShort?: boolean
}

export function Pattern({ pattern, isShort = false }: PatternProps): ReactElement {
  const { t } = useTranslation('units')
  if (pattern === undefined || pattern === '') return <span>{t('emptyRegister')}</span>
  if (isShort) return <code title={pattern}>{pattern.slice(0, 16)}…</code>
  return (
    <span className={styles.pattern}>
      <code>{pattern.match(/.{1,8}/g)?.join(' ')}</code>
      <CopyButton text={pattern} label={t('copyPattern')} />
    </span>
  )
}
