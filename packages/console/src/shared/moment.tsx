/** A time of fixed width, in the zone that is shown; in all zones at hand for whoever points at it. */
import type { ReactElement, ReactNode } from 'react'
import { useZone } from '../app/zone.tsx'
import { type Zone, inEachZone, splitTime, yearNow } from '../trail/time-range.ts'

interface MomentProps {
  readonly at: string
  /** How it is told, where that is neither a date nor a clock: how long until then, say. */
  readonly children?: ReactNode
}

export function Moment({ at, children }: MomentProps): ReactElement {
  const { zone, zones } = useZone()
  const time = Date.parse(at)
  if (Number.isNaN(time)) return <span>{children ?? at}</span>
  const text = momentText(at, zone)
  return (
    <time
      dateTime={at}
      title={inEachZone(time, zones)}
      // On paper, which is read in other years.
      data-year={children === undefined && text[2] === '-' ? yearNow(zone) : undefined}
    >
      {children ?? text}
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
