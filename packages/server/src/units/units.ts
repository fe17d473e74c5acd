/** The crypto units as the server sees them: one child process, its client, its development ceremony. */
import { hkdfSync } from 'node:crypto'
import type { Protections, UnitReport } from '@keywitness/crypto-unit/messages'
import type { Audit, Circumstances } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { Reader } from '../store/store.ts'
import { createUnitAdministration } from './administration.ts'
import { runCeremony } from './ceremony.ts'
import { createUnitClient } from './client.ts'
import { UnitProcess } from './process.ts'
import type { UnitClient } from './unit-client.ts'
import { allUnits, unitsOf } from './unit-states.ts'

const DEADLINE_MS = 2_000
const HANG_MS = 10_000

/** What the units tell about themselves in the operational log; pino's logger fits. */
export interface UnitLog {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}

export interface UnitsOptions {
  /** Reads the committed unit states. */
  readonly store: Reader
  readonly audit: Audit
  readonly clock: Clock
  /** 32 bytes. Only a key derived from it reaches the unit's process. */
  readonly seal: Uint8Array
  /** The ceremony leaves its files in `<dataFolder>/ceremony`. */
  readonly dataFolder: string
  readonly log: UnitLog
  /** Longest wait for one answer, milliseconds; 2,000 by default. */
  readonly deadlineMs?: number
  /** Silence with calls waiting after which the process is killed and started anew, milliseconds; 10,000 by default. */
  readonly hangMs?: number
}

export interface Units {
  readonly client: UnitClient
  /** Starts the process and loads the committed states. @throws UnitStartError */
  start(): Promise<void>
  /** Closes the pipe, at which the process ends; calls still waiting are refused `UNAVAILABLE`. */
  stop(): Promise<void>
  /** What the running process proved about itself; undefined while it is down. */
  readonly protections: Protections | undefined
  readonly pid: number | undefined
  /**
   * First start in the development profile: creates the units of an instance and leads them to an active master key,
   * each step witnessed. Does only the steps that are missing, so that a ceremony cut short is finished by the next.
   * The units' region is the destination's location.
   */
  runCeremony(instance: string, circumstances: Circumstances): Promise<void>
  /** Committed units of an instance, as they are now. */
  describe(instance: string): Promise<UnitReport[]>
}

export function createUnits(options: UnitsOptions): Units {
  const { store, audit, clock, dataFolder, log } = options
  const unit = new UnitProcess({
    // The process gets a key of its own: the seal opens other secrets too.
    sealKey: new Uint8Array(hkdfSync('sha256', options.seal, '', 'keywitness/unit-states/1', 32)),
    committed: () => allUnits(store).map(({ sealed }) => sealed),
    clock,
    log,
    deadlineMs: options.deadlineMs ?? DEADLINE_MS,
    hangMs: options.hangMs ?? HANG_MS,
  })
  const administration = createUnitAdministration(unit)
  const ceremonies = new Map<string, Promise<void>>()

  /** When the process is down or ends before it hears of it, its next start reads the committed state. */
  const adopt = (sealed: Uint8Array): void => {
    administration.adopt(sealed).catch((error: unknown) => {
      log.warn(
        { error: error instanceof Error ? error.message : 'unknown' },
        'A committed unit state waits for adoption.',
      )
    })
  }

  const ceremony = async (instance: string, circumstances: Circumstances): Promise<void> => {
    log.warn(
      { instance, folder: `${dataFolder}/ceremony` },
      'DEVELOPMENT CEREMONY: administrators and master key parts are made by the server and left in the data folder.',
    )
    await runCeremony({ store, audit, clock, administration, dataFolder, adopt }, instance, circumstances)
  }

  return {
    client: createUnitClient(unit),
    start: () => unit.start(),
    stop: () => unit.stop(),
    get protections() {
      return unit.protections
    },
    get pid() {
      return unit.pid
    },
    runCeremony: (instance, circumstances) => {
      const running = ceremonies.get(instance)
      if (running !== undefined) return running
      const started = ceremony(instance, circumstances).finally(() => ceremonies.delete(instance))
      ceremonies.set(instance, started)
      return started
    },
    describe: (instance) => Promise.all(unitsOf(store, instance).map((committed) => administration.report(committed))),
  }
}
