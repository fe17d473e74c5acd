/** What the rules of a log remember, in a file between two starts. Losing it costs time: it is made again from the log. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

/** The memory of one rule at an index. */
export interface KeptRule {
  readonly id: string
  readonly version: number
  /** What else decides what it remembers, such as its calendar. */
  readonly fingerprint: string
  /** Index of the first entry that it has not seen. */
  readonly position: number
  readonly state: unknown
}

export interface KeptState {
  readonly format: 'keywitness-alert-state/1'
  /** Of the log: another one's memory is of no use. */
  readonly origin: string
  readonly cursor: number
  readonly rules: readonly KeptRule[]
}

/** A larger file is not written, and not read. */
const stateBytesMax = 256 * 1024 * 1024

/** Undefined when there is none, or none that can be read. */
export function readState(file: string, origin: string): KeptState | undefined {
  try {
    if (!existsSync(file) || statSync(file).size > stateBytesMax) return undefined
    const state = JSON.parse(readFileSync(file, 'utf8')) as KeptState
    const isOurs = state.format === 'keywitness-alert-state/1' && state.origin === origin && Array.isArray(state.rules)
    return isOurs && Number.isSafeInteger(state.cursor) ? state : undefined
  } catch {
    return undefined
  }
}

/** A crash leaves the file before, or this one. */
export function writeState(file: string, state: KeptState): void {
  const bytes = Buffer.from(JSON.stringify(state))
  if (bytes.length > stateBytesMax) return
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const next = `${file}.next`
  const descriptor = openSync(next, 'w', 0o600)
  try {
    writeSync(descriptor, bytes)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(next, file)
}
