/** Real crypto units behind the real audit door, on a store in memory: what the tests of this folder drive. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEntry, writeEvent, type ActivityEvent } from '@keywitness/cadf'
import { pino } from 'pino'
import { createAudit, type Audit, type Circumstances } from '../../audit.ts'
import { systemClock } from '../../clock.ts'
import { createEventStamp } from '../../event-stamp.ts'
import { initiatorOf } from '../../initiator.ts'
import { Committer } from '../../record/committer.ts'
import { Producers } from '../../record/producers.ts'
import { memoryStore } from '../../store/open.ts'
import type { Store } from '../../store/store.ts'
import { systemCaller } from '../../system-caller.ts'
import { createUnits, type Units, type UnitsOptions } from '../units.ts'

const account = 'a'.repeat(32)
const destination = { account, location: 'us-south' }

export interface UnitHouse {
  readonly units: Units
  readonly audit: Audit
  readonly store: Store
  /** Data folder of the ceremony files. */
  readonly folder: string
  readonly circumstances: (instance: string) => Circumstances
  /** Every recorded event, the producer's opening ones left out. */
  readonly events: () => ActivityEvent[]
  /** How the units' process has ended by itself, each time it came back. */
  readonly returns: () => readonly string[]
  /** Everything the units logged. */
  readonly logged: () => string
  readonly close: () => Promise<void>
}

export interface HouseOptions extends Pick<UnitsOptions, 'deadlineMs' | 'hangMs'> {
  readonly store?: Store
  readonly folder?: string
  readonly seal?: Uint8Array
  /** Runs at each commit, before it. */
  readonly committing?: () => void
}

/** Not started yet. */
export function unitHouse(options: HouseOptions = {}): UnitHouse {
  const store = options.store ?? memoryStore()
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'keywitness-units-'))
  const lines: string[] = []
  const log = pino({}, { write: (line) => lines.push(line) })
  const stamp = createEventStamp('Keywitness')
  const committer = new Committer({
    store,
    producers: new Producers(store),
    clock: systemClock,
    openingEvent: (producer) =>
      writeEvent(
        {
          action: 'hs-crypto.producer.start',
          outcome: 'success',
          reason: { code: 200 },
          initiator: initiatorOf(systemCaller(account, 'Keywitness')),
          target: { id: crnOf(''), name: producer.id },
          logSourceCRN: crnOf(''),
          request: { previousEpoch: producer.epoch, previousSequence: producer.sequence, epoch: producer.epoch + 1 },
        },
        stamp(systemClock.now()),
      ),
    committed: () => undefined,
    hasRoom: () => true,
    committing: () => undefined,
    fatal: (error) => {
      throw error
    },
    commit: (written) => {
      options.committing?.()
      written.exec('COMMIT')
    },
  })
  const audit = createAudit({ committer, clock: systemClock, stamp, log })
  // Every look at this clock is long after the last one: a process counts as healthy, and is restarted quickly.
  let monotonic = 0
  const clock = { now: () => systemClock.now(), monotonic: () => (monotonic += 60_000) }
  const returns: string[] = []
  const { deadlineMs, hangMs } = options
  const units = createUnits({
    store,
    audit,
    clock,
    seal: options.seal ?? new Uint8Array(32).fill(7),
    dataFolder: folder,
    log,
    carry: (changes) => committer.carry(changes),
    forget: () => Promise.resolve(),
    onReturn: (ending) => returns.push(ending),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(hangMs === undefined ? {} : { hangMs }),
  })
  return {
    units,
    audit,
    store,
    folder,
    circumstances: (instance) => ({
      caller: systemCaller(account, 'Keywitness'),
      destination,
      logSourceCRN: crnOf(instance),
      correlationId: '8d6c5e3e-6f0a-4b0b-9a53-0a3f6f6f3c11',
      instanceID: instance,
    }),
    events: () =>
      store
        .all<{ entry: Uint8Array }>('SELECT entry FROM outbox ORDER BY number')
        .map(({ entry }) => parseEntry(entry).event)
        .filter(({ action }) => action !== 'hs-crypto.producer.start'),
    logged: () => lines.join(''),
    returns: () => returns,
    close: async () => {
      await units.stop()
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

function crnOf(instance: string): string {
  return `crn:v1:keywitness:public:hs-crypto:us-south:a/${account}:${instance}::`
}
