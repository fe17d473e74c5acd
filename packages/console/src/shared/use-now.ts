/** The server's time, as of the last minute: what tells how long something still takes is drawn anew with it. */
import { useEffect, useState } from 'react'
import { useClockOffset } from './use-server-clock.ts'

const minuteMs = 60_000

/** Milliseconds since the epoch. @param everyMs how often it is told anew */
export function useNow(everyMs = minuteMs): number {
  const offset = useClockOffset()
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now + offset
}
