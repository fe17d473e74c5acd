/** Keeps the crypto unit's process running: starts it from the committed states, and anew after an unexpected end. */
import type { ChildProcess } from 'node:child_process'
import type { Duplex } from 'node:stream'
import type { Fields, FrameBatch } from '@keywitness/crypto-unit/frames'
import { readProtections, type Protections } from '@keywitness/crypto-unit/messages'
import { PROTOCOL_VERSION, operations } from '@keywitness/crypto-unit/protocol'
import type { Clock } from '../clock.ts'
import { PIPE_DESCRIPTOR, findWrapper, launchUnit } from './launch.ts'
import { UnitPipe, type Wait } from './pipe.ts'
import { UnitRefusal } from './unit-client.ts'
import type { UnitLog } from './units.ts'

/** Loading Node takes its time on a busy machine. */
const HELLO_MS_MAX = 20_000
const BACKOFF_MS_MIN = 50
const BACKOFF_MS_MAX = 5_000
/** A process that lived this long counts as healthy: the next restart is quick again. */
const HEALTHY_MS = 10_000
const STOP_MS_MAX = 2_000
const STDERR_CHARACTERS_MAX = 2_000

/** Protections that every system gives; without one of them the process is not trusted with a seal. */
const demanded = ['filesDenied', 'writesDenied', 'processesDenied', 'inspectorDenied'] as const

export class UnitStartError extends Error {
  /** `BROKEN_STATE`: a committed state does not open, most often because the seal is another one. */
  readonly code: 'NO_START' | 'UNPROTECTED' | 'BROKEN_STATE'
  constructor(code: UnitStartError['code'], message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'UnitStartError'
    this.code = code
  }
}

export interface UnitProcessOptions {
  /** 32 bytes: seals the states of all units. */
  readonly sealKey: Uint8Array
  /** The committed states, read at every start. */
  readonly committed: () => readonly Uint8Array[]
  /** Calls that every start needs after the states: what the server holds against units, and their master keys. */
  readonly instruct: (call: UnitProcess['call']) => readonly Promise<unknown>[]
  /** The process had ended by itself and is back. `ending`: its signal or exit code. */
  readonly onReturn: (ending: string, downMs: number) => void
  readonly clock: Clock
  readonly log: UnitLog
  readonly deadlineMs: number
  readonly hangMs: number
}

export class UnitProcess {
  readonly #options: UnitProcessOptions
  #wrapper: readonly string[] | undefined
  #child: ChildProcess | undefined
  #pipe: UnitPipe | undefined
  #protections: Protections | undefined
  #isStopping = false
  #backoffMs = BACKOFF_MS_MIN
  #restart: NodeJS.Timeout | undefined
  /** How and when the process ended that is to be started anew. */
  #ended: { readonly ending: string; readonly at: number } | undefined

  constructor(options: UnitProcessOptions) {
    this.#options = options
  }

  /** Of the process that answers calls; undefined while there is none. */
  get pid(): number | undefined {
    return this.#protections === undefined ? undefined : this.#child?.pid
  }

  get protections(): Protections | undefined {
    return this.#protections
  }

  /** @throws UnitStartError; then nothing runs */
  async start(): Promise<void> {
    this.#isStopping = false
    try {
      await this.#launch()
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** Resolves when the process has ended; one that does not end by itself, stopped by a signal perhaps, is killed. */
  async stop(): Promise<void> {
    this.#isStopping = true
    clearTimeout(this.#restart)
    const child = this.#child
    this.#letGo()
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
    child.once('exit', () => {
      clearTimeout(killer)
      resolve()
    })
    await promise
  }

  /** @throws UnitRefusal `UNAVAILABLE` while no process runs; see `UnitPipe.call` */
  call<T>(operation: number, put: (request: FrameBatch) => void, read: (answer: Fields) => T, wait?: Wait): Promise<T> {
    if (this.#pipe === undefined || this.#protections === undefined) {
      return Promise.reject(new UnitRefusal('UNAVAILABLE', 'The crypto unit is not running.'))
    }
    return this.#pipe.call(operation, put, read, wait)
  }

  /** @throws UnitStartError; then the process it started is ended, and nothing restarts it */
  async #launch(): Promise<void> {
    const { log, clock } = this.#options
    this.#wrapper ??= findWrapper()
    const child = launchUnit(this.#wrapper)
    const bornAt = clock.monotonic()
    const said = collectStderr(child)
    const pipe = this.#open(child)
    this.#child = child
    this.#pipe = pipe
    let isUp = false
    const onEnd = (ending: string): void => {
      pipe.close()
      if (this.#child !== child) return
      this.#letGo()
      if (!isUp) return
      log.error({ ending, said: said() }, 'The crypto unit ended unexpectedly.')
      this.#ended = { ending, at: clock.monotonic() }
      if (clock.monotonic() - bornAt > HEALTHY_MS) this.#backoffMs = BACKOFF_MS_MIN
      this.#planRestart()
    }
    child.once('exit', (code, signal) => onEnd(signal ?? `exit code ${code ?? 'unknown'}`))
    child.once('error', (error) => onEnd(error.message))
    try {
      const protections = await this.#hello(pipe, said)
      await this.#load(pipe, protections)
      isUp = true
      this.#tellReturn()
      log.info({ pid: child.pid, ...protections }, 'The crypto unit runs.')
      if (!protections.networkAbsent) log.warn({}, 'This system does not let the crypto unit run without a network.')
    } catch (error) {
      pipe.close()
      child.kill('SIGKILL')
      throw error
    }
  }

  #open(child: ChildProcess): UnitPipe {
    const { deadlineMs, hangMs, log } = this.#options
    return new UnitPipe(child.stdio[PIPE_DESCRIPTOR] as Duplex, {
      deadlineMs,
      hangMs,
      onHang: () => {
        if (this.#protections === undefined || child.killed) return
        log.error({ pid: child.pid }, 'The crypto unit does not answer any more; it is killed.')
        child.kill('SIGKILL')
      },
    })
  }

  async #hello(pipe: UnitPipe, said: () => string): Promise<Protections> {
    const put = (request: FrameBatch): void => {
      request.u32(PROTOCOL_VERSION)
      request.raw(this.#options.sealKey)
    }
    const protections = await pipe
      .call(operations.HELLO, put, readProtections, HELLO_MS_MAX)
      .catch((error: unknown) => {
        throw new UnitStartError('NO_START', `The crypto unit does not start. ${said()}`.trimEnd(), error)
      })
    const missing = demanded.filter((name) => !protections[name])
    if (missing.length > 0) {
      throw new UnitStartError('UNPROTECTED', `The crypto unit runs without protection: ${missing.join(', ')}.`)
    }
    return protections
  }

  /**
   * From here on calls are accepted. The committed states are read and sent in this same turn: a state committed
   * before is among them, and one committed later follows them on the pipe, so the newest always comes last.
   */
  async #load(pipe: UnitPipe, protections: Protections): Promise<void> {
    const loads = this.#options.committed().map((sealed) =>
      pipe.call(
        operations.ADOPT,
        (request) => request.bytes(sealed),
        () => undefined,
        HELLO_MS_MAX,
      ),
    )
    loads.push(
      ...this.#options
        .instruct((operation, put, read) => pipe.call(operation, put, read, HELLO_MS_MAX))
        .map(ignoreResult),
    )
    this.#protections = protections
    const results = await Promise.allSettled(loads)
    const failed = results.find((result) => result.status === 'rejected')
    if (failed === undefined) return
    const reason: unknown = failed.reason
    throw new UnitStartError('BROKEN_STATE', `A crypto unit's state cannot be loaded. ${textOf(reason)}`, reason)
  }

  #letGo(): void {
    this.#pipe?.close()
    this.#pipe = undefined
    this.#protections = undefined
    this.#child = undefined
  }

  #tellReturn(): void {
    const { clock, onReturn } = this.#options
    if (this.#ended === undefined) return
    onReturn(this.#ended.ending, Math.max(0, Math.round(clock.monotonic() - this.#ended.at)))
    this.#ended = undefined
  }

  #planRestart(): void {
    if (this.#isStopping) return
    const waitMs = this.#backoffMs
    this.#backoffMs = Math.min(waitMs * 2, BACKOFF_MS_MAX)
    this.#restart = setTimeout(() => {
      this.#launch().catch((error: unknown) => {
        this.#options.log.error({ error: textOf(error) }, 'The crypto unit did not come back; it is tried again.')
        this.#planRestart()
      })
    }, waitMs)
  }
}

async function ignoreResult(call: Promise<unknown>): Promise<undefined> {
  await call
  return undefined
}

/** The last words of the process, bounded. */
function collectStderr(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-STDERR_CHARACTERS_MAX)
  })
  return () => text
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown'
}
