/** From when a certificate is valid, as long as that is not yet. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { PanelFact } from '../app/side-panel.tsx'
import { Moment } from '../shared/moment.tsx'
import { useNow } from '../shared/use-now.ts'
import { WarningLabel } from './warning-label.tsx'
import styles from './kmip.module.css'

/** @param at RFC 3339 */
export function BeginFact({ at }: { readonly at: string | undefined }): ReactElement | null {
  const { t } = useTranslation('kmip')
  const now = useNow()
  if (at === undefined || Date.parse(at) <= now) return null
  return (
    <PanelFact name={t('begins')}>
      <span className={styles.warned}>
        <Moment at={at} />
        <WarningLabel>{t('notYet')}</WarningLabel>
      </span>
    </PanelFact>
  )
}
