/** A time with its year, always: on what is read later, and on paper. */
import type { ReactElement } from 'react'
import { useZone } from '../app/zone.tsx'
import { splitTime } from '../trail/time-range.ts'
import { Moment } from './moment.tsx'

export function DatedMoment({ at }: { readonly at: string }): ReactElement {
  const { zone } = useZone()
  const time = Date.parse(at)
  if (Number.isNaN(time)) return <>{at}</>
  const { date, clock } = splitTime(time, zone)
  return (
    <Moment at={at}>
      <span>{date}</span> <span>{clock.slice(0, 8)}</span>
    </Moment>
  )
}
