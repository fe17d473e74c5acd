/** The alert thread: gives every log's new entries to its rules, and says what they fire. */
import { getHeapStatistics } from 'node:v8'
import { parentPort, workerData } from 'node:worker_threads'
import { openReader, type TrackerReader } from '@keywitness/tracker'
import { stepBack } from '../../trail/step-back.ts'
import { locatorOf } from './locator.ts'
import { LogWatch } from './log-watch.ts'
import type { FromAlerts, ToAlerts, WatchedLog } from './messages.ts'
import { RuleTest } from './rule-test.ts'

const port = parentPort as NonNullable<typeof parentPort>
const { locationDatabase, heapMb } = workerData as {
  readonly locationDatabase: string | undefined
  /** What the thread may take of the heap. */
  readonly heapMb: number
}
const locate = locationDatabase === undefined ? undefined : locatorOf(locationDatabase)
const say = (message: FromAlerts): void => port.postMessage(message)

/** How often is looked for what falls due without an event, milliseconds. */
const lookEveryMs = 250
/** How often it is said that the thread lives, and its memory is looked at, milliseconds. */
const aliveEveryMs = 1_000
/** With so much of the heap in use so many times one after the other, the rule that remembers most goes. */
const heapShareMax = 0.6
const heapLooks = 3

interface Watched {
  readonly log: WatchedLog
  settings: WatchedLog['settings']
  size: number
  watch: LogWatch | undefined
}

interface Test {
  readonly id: number
  readonly test: RuleTest
  readonly close: () => void
}

/** By the token under which each began to be watched. */
const logs = new Map<number, Watched>()
const tests: Test[] = []
let isScheduled = false
let fullLooks = 0

stepBack()
port.on('message', (message: ToAlerts) => {
  if (message.kind === 'stop') return stop()
  if (message.kind === 'watch') {
    const { log } = message
    logs.set(log.token, { log, settings: log.settings, size: 0, watch: undefined })
    return schedule()
  }
  const watched = logs.get(message.token)
  if (watched !== undefined) guarded(watched, () => heard(watched, message))
  else if (message.kind === 'test') say({ kind: 'tested', id: message.id, answer: { problem: 'FAILED' } })
  schedule()
})

setInterval(() => {
  for (const watched of logs.values()) guarded(watched, () => watchOf(watched).tick())
  schedule()
}, lookEveryMs)

setInterval(() => {
  say({ kind: 'alive' })
  const isFull = getHeapStatistics().used_heap_size > heapMb * 1024 * 1024 * heapShareMax
  fullLooks = isFull ? fullLooks + 1 : 0
  if (fullLooks < heapLooks) return
  fullLooks = 0
  letHeaviestGo()
}, aliveEveryMs)

function heard(watched: Watched, message: Exclude<ToAlerts, { kind: 'watch' | 'stop' }>): void {
  switch (message.kind) {
    case 'settings':
      watched.settings = message.settings
      watched.watch?.use(message.settings)
      return
    case 'grown':
      watched.size = message.size
      watched.watch?.grown(message.size)
      return
    case 'settled':
      watched.watch?.settle(message.isCommitted)
      return
    case 'closed':
      logs.delete(message.token)
      watched.watch?.close(false)
      return
    case 'test':
      beginTest(watched, message)
  }
}

/** How far behind `cpuMs` may be, milliseconds. */
const cpuBehindMs = 1
let cpuAskedAt = Number.NEGATIVE_INFINITY
let cpuKnownMs = 0

/**
 * Not the time that passes: a machine that pauses makes no rule costly. But the thread's processor time never grows by
 * more than that, and asking for it takes as long as most rules take for an event.
 */
function cpuMs(): number {
  const now = performance.now()
  if (now - cpuAskedAt < cpuBehindMs) return cpuKnownMs
  cpuAskedAt = now
  const { user, system } = process.threadCpuUsage()
  cpuKnownMs = (user + system) / 1_000
  return cpuKnownMs
}

function watchOf(watched: Watched): LogWatch {
  if (watched.watch !== undefined) return watched.watch
  const { log, settings } = watched
  const parts = {
    openReader: () => openReader(log.place),
    locate,
    say,
    now: () => Date.now(),
    monotonic: () => performance.now(),
    cpuMs,
  }
  watched.watch = new LogWatch({ ...log, settings }, parts)
  watched.watch.grown(watched.size)
  return watched.watch
}

/**
 * What fails half-way leaves rules that have seen an entry beside rules that have not: nothing of it is kept. The log is given
 * anew, from what was committed.
 */
function guarded(watched: Watched, work: () => void): void {
  const { token } = watched.log
  try {
    work()
  } catch (error) {
    logs.delete(token)
    try {
      watched.watch?.close(false)
    } catch {
      // Its files are gone, which is what it failed for.
    }
    const { code = 'FAILED', message } = error as Error & { readonly code?: string }
    say({ kind: 'failed', token, code, message })
  }
}

function schedule(): void {
  if (isScheduled) return
  isScheduled = true
  setImmediate(() => {
    isScheduled = false
    for (const watched of logs.values()) {
      guarded(watched, () => {
        if (watchOf(watched).isDue) watchOf(watched).step()
      })
    }
    stepTest()
    if ([...logs.values()].some(({ watch }) => watch?.isDue === true) || tests.length > 0) schedule()
  })
}

function beginTest({ log }: Watched, { id, ask }: Extract<ToAlerts, { kind: 'test' }>): void {
  let reader: TrackerReader | undefined
  try {
    reader = openReader(log.place)
    const opened = reader
    tests.push({ id, test: new RuleTest(ask, opened, locate), close: () => opened.close() })
  } catch {
    reader?.close()
    say({ kind: 'tested', id, answer: { problem: 'FAILED' } })
  }
}

/** A slice of the test that waits longest. */
function stepTest(): void {
  const [first] = tests
  if (first === undefined) return
  let answer
  try {
    answer = first.test.step()
  } catch {
    answer = { problem: 'FAILED' } as const
  }
  if (answer === undefined) return
  tests.shift()
  first.close()
  say({ kind: 'tested', id: first.id, answer })
}

/** Otherwise the thread would end for all, and end again when it has learnt the same. */
function letHeaviestGo(): void {
  const candidates = [...logs.values()].flatMap(({ watch }) => {
    const heaviest = watch?.heaviest
    return watch === undefined || heaviest === undefined ? [] : [{ watch, ...heaviest }]
  })
  const [worst] = candidates.toSorted((a, b) => b.bytes - a.bytes)
  worst?.watch.letGoOf(
    worst.rule,
    `It remembers ${Math.ceil(worst.bytes / 1_048_576)} MB, and there is no more room for all rules.`,
  )
}

function stop(): void {
  for (const { watch } of logs.values()) {
    try {
      watch?.close(true)
    } catch {
      // What it remembers is made again from the log.
    }
  }
  process.exit(0)
}
