/** What every event gets at its making: id, time, and the service's display name. */
import { uuidv7 } from '@keywitness/cadf'
import { randomPool } from './random-pool.ts'

export type EventStamp = (now: number) => { id: string; time: number; serviceName: string }

/** Ids never run backwards within a process, even when the wall clock does; the time stays what the clock says. */
export function createEventStamp(serviceName: string): EventStamp {
  const random = randomPool(10)
  let newest = 0
  return (now) => {
    newest = Math.max(newest, now)
    return { id: uuidv7(newest, random()), time: now, serviceName }
  }
}
