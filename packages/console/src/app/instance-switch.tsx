/** Choice among instances, on the pages that are about one. */
import { useNavigate } from '@tanstack/react-router'
import { type ReactElement, useId } from 'react'
import { useTranslation } from 'react-i18next'
import { addressOf, pageById, type PageId } from './pages.ts'
import { useInstances } from './instances.ts'
import { usePlace } from './place.tsx'
import styles from './instance-switch.module.css'

export function InstanceSwitch({ page }: { readonly page: PageId }): ReactElement | null {
  const { t } = useTranslation()
  const { instance } = usePlace()
  const { data = [] } = useInstances()
  const navigate = useNavigate()
  const id = useId()
  if (instance === undefined) return null
  return (
    <span className={styles.switch}>
      <label htmlFor={id} className="kw-hidden">
        {t('nav.instance')}
      </label>
      <select
        id={id}
        className={styles.choice}
        value={instance.guid}
        onChange={(event) => void navigate({ to: addressOf(pageById(page), { instance: event.currentTarget.value }) })}
      >
        {data.map(({ guid, name, location }) => (
          <option key={guid} value={guid}>
            {t('nav.instanceIn', { name, location })}
          </option>
        ))}
      </select>
    </span>
  )
}
