/** A log of entries for tests, in memory: what the rules of a log read of a tracker. */
import { type ActionName, buildEvent, entryBytes, initiatorTypes } from '@keywitness/cadf'
import type { TrackerReader } from '@keywitness/tracker'

export interface EntryLog {
  readonly reader: TrackerReader
  /** Appends an event of a key, so many seconds after the start of the log; answers its index. */
  add(action: ActionName, key: string, atSeconds: number): number
  /** As a log whose files cannot be read. */
  isBroken: boolean
}

export const logStart = Date.parse('2026-03-01T12:00:00.000Z')

const instance = '1f6f5a0c-5d6e-4a55-9a0b-0f3c1d2e4b5a'
const crn = `crn:v1:keywitness:public:hs-crypto:us-south:a/${'a'.repeat(32)}:${instance}`

export function entryLog(): EntryLog {
  const entries: Uint8Array[] = []
  const read = <T>(answer: () => T): T => {
    if (log.isBroken) throw Object.assign(new Error('the disk is gone'), { code: 'IO' })
    return answer()
  }
  // What is not read of a log is not there.
  const reader = {
    first: () => read(() => 0),
    size: () => read(() => entries.length),
    entry: (index: number) => read(() => entries[index] ?? new Uint8Array()),
    range: (from: number, to: number, limit: number) =>
      read(() => entries.slice(from, Math.min(to, from + limit)).map((bytes, at) => ({ index: from + at, bytes }))),
    close: () => undefined,
  } as unknown as TrackerReader
  const log: EntryLog = {
    reader,
    isBroken: false,
    add: (action, key, atSeconds) => {
      const index = entries.length
      const event = buildEvent(
        {
          action,
          outcome: 'success',
          reason: { code: 200 },
          initiator: {
            id: 'IBMid-ana',
            name: 'Ana',
            typeURI: initiatorTypes.user,
            credential: { type: 'token' },
          },
          target: { id: `${crn}:key:${key}`, name: key },
          logSourceCRN: `${crn}::`,
        },
        {
          id: `01a21436-d2c6-729e-8c28-${String(index).padStart(12, '0')}`,
          time: logStart + atSeconds * 1_000,
          serviceName: 'Keywitness',
        },
      )
      entries.push(entryBytes(event, { id: '6f0e2d1c-0b0a-4908-8706-050403020100', epoch: 1 }, index + 1))
      return index
    },
  }
  return log
}
