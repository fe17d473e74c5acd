/** Says in which zone times are shown, and changes it. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { zoneNow } from '../trail/time-range.ts'
import { useZone } from './zone.tsx'
import styles from './zone-button.module.css'

export function ZoneButton(): ReactElement {
  const { t } = useTranslation()
  const { zone, zones, toggle } = useZone()
  const offset = zoneNow(zone)
  return (
    <button
      type="button"
      className={styles.zone}
      onClick={toggle}
      title={zones.length > 2 ? t('trail.zonesHelp') : t('trail.zoneHelp')}
    >
      {zone === 'utc'
        ? t('trail.zoneUtc')
        : zone === 'local'
          ? t('trail.zoneLocal', { zone: offset })
          : t('trail.zoneOther', { zone, offset })}
    </button>
  )
}
