/** What a printed page stands on, above it: which log, the head that was verified, who printed it and when. Not on the screen. */
import { type ReactElement, useEffect, useState } from 'react'
import { flushSync } from 'react-dom'
import { useTranslation } from 'react-i18next'
import { useSession } from '../app/session.tsx'
import { useRoom, useWitnessState } from '../app/witness-room.tsx'
import { useZone } from '../app/zone.tsx'
import { formatCount } from '../i18n/texts.ts'
import { usePaperFoot } from '../shared/use-paper-foot.ts'
import { formatTypedTime, zoneName } from '../trail/time-range.ts'
import styles from './paper-head.module.css'

/** @param view of the page, where it has several */
export function PaperHead({ view }: { readonly view: string }): ReactElement {
  const { t } = useTranslation('integrity')
  const { tracker } = useRoom()
  const { memory } = useWitnessState()
  const { identity } = useSession()
  const { zone } = useZone()
  const at = usePrintTime()
  const { location, origin } = tracker
  const head = memory?.head
  usePaperFoot(t('paper.foot', { view, location }))
  return (
    <div className={styles.head} data-paper>
      <p className={styles.view}>{view}</p>
      <p>{t('paper.of', { location, origin })}</p>
      {head !== undefined && (
        <p>
          {t('paper.head', { size: formatCount(head.size) })} <code>{head.root}</code>
        </p>
      )}
      {memory !== undefined && memory.key !== '' && (
        <p>
          {t('paper.key')} <code>{memory.key}</code>
        </p>
      )}
      <p>{t('paper.made', { time: formatTypedTime(at, zone), zone: zoneName(at, zone), name: identity.name })}</p>
      <p>
        {t('paper.again')} <code>{`keywitness log verify --location ${location}`}</code>
      </p>
    </div>
  )
}

/** Milliseconds since the epoch: paper tells when it was printed, which may be long after the page was opened. */
function usePrintTime(): number {
  const [at, setAt] = useState(() => Date.now())
  useEffect(() => {
    const told = (): void => flushSync(() => setAt(Date.now()))
    window.addEventListener('beforeprint', told)
    return () => window.removeEventListener('beforeprint', told)
  }, [])
  return at
}
