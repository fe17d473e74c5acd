/**
 * A file of the console did not come, wherever it was wanted: the server may have another version by now, whose files have
 * other names. Only loading all of it anew helps then, and that is for the person to decide.
 */
import { Button } from '@mantine/core'
import { type ReactElement, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import styles from './newer-version.module.css'

export function NewerVersion(): ReactElement | null {
  const { t } = useTranslation()
  const [isMissing, setIsMissing] = useState(false)
  useEffect(() => {
    // What wanted the file is told, too, and says so in its own place.
    const show = (): void => setIsMissing(true)
    window.addEventListener('vite:preloadError', show)
    return () => window.removeEventListener('vite:preloadError', show)
  }, [])
  if (!isMissing) return null
  return (
    <aside className={styles.notice} aria-label={t('shell.partFailed')}>
      <p role="alert">{t('shell.oldVersion')}</p>
      <div className={styles.buttons}>
        <Button onClick={() => window.location.reload()}>{t('shell.reload')}</Button>
        <Button variant="default" onClick={() => setIsMissing(false)}>
          {t('shell.dismiss')}
        </Button>
      </div>
    </aside>
  )
}
