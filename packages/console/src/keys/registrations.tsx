/** The resources that a key protects: how many, and which, when somebody wants to see them. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { InventoryKey, KeysApi } from '../api/keys-api.ts'
import { asApiError } from '../api/problem.ts'
import { LockIcon } from '../app/icons.tsx'
import { formatCount } from '../i18n/texts.ts'
import styles from './lists.module.css'

export function Registrations({ of: key, api }: { readonly of: InventoryKey; readonly api: KeysApi }): ReactElement {
  const { t } = useTranslation('keys')
  const [isWanted, setIsWanted] = useState(false)
  const { data, error, isFetching } = useQuery({
    queryKey: ['registrations', key.id, key.registrations],
    queryFn: ({ signal }) => api.registrations(key.id, signal),
    enabled: isWanted,
    retry: false,
  })
  if (key.registrations === 0) return <p>{t('registrations.none')}</p>
  return (
    <div className={styles.list}>
      <p className={styles.pair}>
        {t('registrations.count', { count: key.registrations, formatted: formatCount(key.registrations) })}
        {key.protectedByRegistration && (
          <span className={styles.guarded}>
            <LockIcon size={12} />
            {t('registrations.guarded')}
          </span>
        )}
      </p>
      {data === undefined && (
        <Button variant="subtle" disabled={isFetching} onClick={() => setIsWanted(true)}>
          {isFetching ? t('reading') : t('registrations.show')}
        </Button>
      )}
      {error !== null && (
        <p role="alert" className={styles.failed}>
          {t('registrations.failed', { message: asApiError(error).message })}
        </p>
      )}
      <ul className={styles.items}>
        {data?.map(({ resourceCrn, description, preventKeyDeletion }) => (
          <li key={resourceCrn}>
            <p className={styles.pair}>
              {description !== undefined && <bdi>{description}</bdi>}
              {preventKeyDeletion && (
                <span className={styles.guarded}>
                  <LockIcon size={12} />
                  {t('registrations.prevents')}
                </span>
              )}
            </p>
            <code className={styles.note}>{resourceCrn}</code>
          </li>
        ))}
      </ul>
    </div>
  )
}
