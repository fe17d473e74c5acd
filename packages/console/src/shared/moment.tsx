/** A time of fixed width, in the zone that is shown; in all zones at hand for whoever points at it. */
import type { ReactElement } from 'react'
import { useZone } from '../app/zone.tsx'
import { type Zone, inEachZone, splitTime, yearNow } from '../trail/time-range.ts'

export function Moment({ at }: { readonly at: string }): ReactElement {
  const { zone, zones } = useZone()
  const time = Date.parse(at)
  if (Number.isNaN(time)) return <span>{at}</span>
  return (
    <time dateTime={at} title={inEachZone(time, zones)}>
      {momentText(at, zone)}
    </time>
  )
}

/** `11-25 14:05:09`; with the year when it is another one. */
export function momentText(at: string, zone: Zone): string {
  const time = Date.parse(at)
  if (Number.isNaN(time)) return at
  const { date, clock } = splitTime(time, zone)
  return `${date.startsWith(yearNow(zone)) ? date.slice(5) : date} ${clock.slice(0, 8)}`
}
