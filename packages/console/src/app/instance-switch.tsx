/** Choice among instances, on the pages that are about one. */
import { type ReactElement, useId } from 'react'
import { useTranslation } from 'react-i18next'
import { useGoElsewhere } from './elsewhere.ts'
import { useInstances } from './instances.ts'
import { usePlace } from './place.tsx'
import styles from './instance-switch.module.css'

export function InstanceSwitch(): ReactElement | null {
  const { t } = useTranslation()
  const { instance } = usePlace()
  const { data = [] } = useInstances()
  const go = useGoElsewhere()
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
        onChange={(event) => go(event.currentTarget.value)}
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
