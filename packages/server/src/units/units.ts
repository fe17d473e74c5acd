/** The crypto units as the server sees them: one child process, its client, its development ceremony. */
import type { Protections, UnitReport } from '@keywitness/crypto-unit/messages'
import type { Audit, Circumstances } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { Reader } from '../store/store.ts'
import type { UnitClient } from './unit-client.ts'

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
