/** Whether events appear as they happen, and the way to make them wait (WCAG 2.2.2). */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { PauseIcon, PlayIcon } from '../app/icons.tsx'
import type { FeedState } from './feed.ts'
import styles from './live-switch.module.css'

interface LiveSwitchProps {
  readonly tail: FeedState['tail']
  readonly isOpenRange: boolean
  readonly isPaused: boolean
  readonly onPause: (isPaused: boolean) => void
}

export function LiveSwitch({ tail, isOpenRange, isPaused, onPause }: LiveSwitchProps): ReactElement {
  const { t } = useTranslation()
  if (!isOpenRange) {
    return (
      <p className={styles.off} title={t('live.endedHelp')}>
        {t('live.ended')}
      </p>
    )
  }
  const kind = isPaused ? 'paused' : tail.kind === 'off' ? 'connecting' : tail.kind
  return (
    <button
      type="button"
      className={styles.switch}
      data-kind={kind}
      onClick={() => onPause(!isPaused)}
      title={t(isPaused ? 'live.resumeHelp' : 'live.pauseHelp')}
    >
      <span className={styles.dot} />
      <span className={styles.word}>{t(`live.${kind}`)}</span>
      <span className={styles.act}>
        {isPaused ? <PlayIcon size={14} /> : <PauseIcon size={14} />}
        <span className="kw-hidden">{t(isPaused ? 'live.resume' : 'live.pause')}</span>
      </span>
    </button>
  )
}
