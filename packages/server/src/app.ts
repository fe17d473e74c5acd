/** The composition root: builds every part from top to bottom and hands each what it needs. No other logic. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { pino } from 'pino'
import { createAudit } from './audit.ts'
import { systemClock } from './clock.ts'
import type { Address, Config, ConfigSecrets } from './config.ts'
import { takeDataFolder } from './data-folder.ts'
import { createEventStamp } from './event-stamp.ts'
import { finishFirstStart, isFirstStart } from './first-start.ts'
import { assertLimits } from './limits.ts'
import { startRecorder } from './record/recorder.ts'
import { removeRunFile, writeRunFile } from './run-file.ts'
import { createSealer, loadSeal } from './seal.ts'
import { createServices } from './services.ts'
import { openStore } from './store/open.ts'
import type { Store } from './store/store.ts'
import { Trail } from './trail/trail.ts'

/** What tests may make go wrong. */
export interface ServerFaults {
  readonly commit?: (store: Store) => void
}

export interface StartOptions {
  readonly progress: (step: string) => void
  readonly faults?: ServerFaults
}

export interface RunningServer {
  /** Address of the console and the public API, with scheme. */
  readonly origin: string
  readonly instance: string
  readonly location: string
  readonly firstStart: boolean
  /** Development profile only. */
  readonly apiKey: string | undefined
  readonly signInLink: string | undefined
  /** Refuses new calls, answers those under way, delivers and covers what is recorded. */
  stop(): Promise<void>
}
