/** Below a list of which there is more, or of which a part could not be read: what is shown is said to be a part. */
import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { formatCount } from '../i18n/texts.ts'
import type { Parts } from './use-parts.ts'
import styles from './more-button.module.css'

export function MoreButton<Item>({ parts }: { readonly parts: Parts<Item> }): ReactElement | null {
  const { t } = useTranslation()
  const { items, error, hasMore, isReading, more } = parts
  if (items === undefined || !hasMore) return null
  return (
    <div className={styles.foot}>
      <p role={error === undefined ? 'status' : 'alert'}>
        {error === undefined
          ? t('parts.shown', { count: items.length, formatted: formatCount(items.length) })
          : t('parts.failed', { message: error.told })}
      </p>
      <Button variant="default" loading={isReading} onClick={more}>
        {error === undefined ? t('parts.more') : t('state.retry')}
      </Button>
    </div>
  )
}
