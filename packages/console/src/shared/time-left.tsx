/** The time left until something lapses, by the server's clock; it goes on while one looks. */
import { type ReactElement, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { durationText } from './duration-text.ts'
import { nextTickMs } from './duration.ts'
import { useClockOffset } from './use-server-clock.ts'

interface TimeLeftProps {
  /** RFC 3339. */
  readonly until: string
  /** What is added to this computer's time to have the server's, milliseconds; as all answers tell when not given. */
  readonly clockOffset?: number
  /** Said once the time is over. */
  readonly over: string
}

export function TimeLeft({ until, clockOffset, over }: TimeLeftProps): ReactElement {
  const { t } = useTranslation()
  const ofAll = useClockOffset()
  const [now, setNow] = useState(() => Date.now())
  const left = Date.parse(until) - now - (clockOffset ?? ofAll)
  useEffect(() => {
    if (!(left > 0)) return
    const timer = setTimeout(() => setNow(Date.now()), nextTickMs(left))
    return () => clearTimeout(timer)
  }, [left])
  return <span role="timer">{left > 0 ? durationText(left / 1_000, t, 'short') : over}</span>
}
