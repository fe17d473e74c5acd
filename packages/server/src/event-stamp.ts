/** What every event gets at its making: id, time, and the service's display name. */
import { randomFillSync } from 'node:crypto'
import { uuidv7 } from '@keywitness/cadf'

export type EventStamp = (now: number) => { id: string; time: number; serviceName: string }

/** Random bytes come from a pool: one draw serves many ids. */
const poolBytes = 10 * 512

/** Ids never run backwards within a process, even when the wall clock does; the time stays what the clock says. */
export function createEventStamp(serviceName: string): EventStamp {
  const pool = new Uint8Array(poolBytes)
  let at = poolBytes
  let newest = 0
  return (now) => {
    if (at === poolBytes) {
      randomFillSync(pool)
      at = 0
    }
    newest = Math.max(newest, now)
    const id = uuidv7(newest, pool.subarray(at, at + 10))
    at += 10
    return { id, time: now, serviceName }
  }
}
