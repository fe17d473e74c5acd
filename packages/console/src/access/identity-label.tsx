/** Whether an identity or an API key works: a mark and a word. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { CheckIcon, PauseIcon } from '../app/icons.tsx'
import labels from '../shared/labels.module.css'

export function IdentityStateLabel({ state }: { readonly state: string }): ReactElement {
  const { t } = useTranslation('access')
  const isActive = state === 'active'
  const Mark = isActive ? CheckIcon : PauseIcon
  return (
    <span className={labels.label} data-tone={isActive ? undefined : 'warning'}>
      <Mark size={14} className={labels.mark} />
      {isActive ? t('state.active') : t('state.disabled')}
    </span>
  )
}
