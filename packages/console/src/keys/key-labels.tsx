/** Where a key stands, and what it waits for: a mark and a word each. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { KeyStateName } from '../api/key-states.ts'
import type { InventoryKey } from '../api/keys-api.ts'
import {
  CheckIcon,
  ClockIcon,
  CrossIcon,
  type IconComponent,
  LockIcon,
  PauseIcon,
  UserIcon,
  WarningMark,
} from '../app/icons.tsx'
import labels from '../shared/labels.module.css'
import { Moment } from '../shared/moment.tsx'
import { durationText } from '../shared/duration-text.ts'

export const stateMarks: Readonly<Record<KeyStateName, IconComponent>> = {
  active: CheckIcon,
  suspended: PauseIcon,
  deactivated: LockIcon,
  'pre-active': ClockIcon,
  destroyed: CrossIcon,
}

export function KeyStateLabel({ state }: { readonly state: KeyStateName }): ReactElement {
  const { t } = useTranslation('keys')
  const Mark = stateMarks[state]
  return (
    <span className={labels.label}>
      <Mark size={14} className={labels.mark} />
      {t(`states.${state}`)}
    </span>
  )
}

/** Nothing for a key whose deletion nobody has agreed to. */
export function WaitingLabel({ deletion }: Pick<InventoryKey, 'deletion'>): ReactElement | null {
  const { t } = useTranslation('keys')
  if (deletion === null) return null
  return (
    <span className={labels.label} data-tone="warning" title={t('waiting')}>
      <UserIcon size={14} className={labels.mark} />
      {t('attention.waiting')}
    </span>
  )
}

interface DueLabelProps extends Pick<InventoryKey, 'rotation' | 'kind'> {
  /** By the server's clock. */
  readonly now: number
}

/** When the next rotation is due by policy. */
export function DueLabel({ rotation, kind, now }: DueLabelProps): ReactElement {
  const { t } = useTranslation('keys')
  const { t: common } = useTranslation()
  if (rotation === null) return <span>{kind === 'root' ? t('due.none') : ''}</span>
  if (rotation.dueAt === null) return <span>{t('due.resting')}</span>
  const left = Date.parse(rotation.dueAt) - now
  if (!rotation.overdue)
    return <Moment at={rotation.dueAt}>{t('due.in', { time: durationText(left / 1_000, common, 'rough') })}</Moment>
  return (
    <span className={labels.label} data-tone="warning">
      <WarningMark size={12} className={labels.mark} />
      <Moment at={rotation.dueAt}>{t('due.over', { time: durationText(-left / 1_000, common, 'rough') })}</Moment>
    </span>
  )
}
