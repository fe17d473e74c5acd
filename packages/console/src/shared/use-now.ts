/** The time, as of the last minute: what tells how long something still takes is drawn anew with it. */
import { useEffect, useState } from 'react'

const everyMs = 60_000

/** Milliseconds since the epoch. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [])
  return now
}
