/** The alert thread: gives every log's new entries to its rules, and says what they fire. */
import { parentPort, workerData } from 'node:worker_threads'
import { openReader } from '@keywitness/tracker'
import { locatorOf } from './locator.ts'
import { LogWatch } from './log-watch.ts'
import type { FromAlerts, ToAlerts, WatchedLog } from './messages.ts'
import { RuleTest } from './rule-test.ts'

const port = parentPort as NonNullable<typeof parentPort>
const { locationDatabase } = workerData as { readonly locationDatabase: string | undefined }
const locate = locationDatabase === undefined ? undefined : locatorOf(locationDatabase)
const say = (message: FromAlerts): void => port.postMessage(message)

/** How often is looked for what falls due without an event, and for what failed, milliseconds. */
const lookEveryMs = 250

interface Watched {
  readonly log: WatchedLog
  settings: WatchedLog['settings']
  size: number
  watch: LogWatch | undefined
  isFailing: boolean
}

interface Test {
  readonly id: number
  readonly test: RuleTest
  readonly close: () => void
}

const logs = new Map<string, Watched>()
const tests: Test[] = []
let isScheduled = false

port.on('message', (message: ToAlerts) => {
  if (message.kind === 'stop') return stop()
  if (message.kind === 'watch') {
    const { log } = message
    const key = `${log.place.account}/${log.place.location}`
    logs.get(key)?.watch?.close(false)
    logs.set(key, { log, settings: log.settings, size: 0, watch: undefined, isFailing: false })
    return schedule()
  }
  const watched = logs.get(`${message.account}/${message.location}`)
  if (watched === undefined) {
    if (message.kind === 'test') say({ kind: 'tested', id: message.id, answer: { problem: 'There is no such log.' } })
    return
  }
  guarded(watched, () => heard(watched, message))
  schedule()
})

setInterval(() => {
  for (const watched of logs.values()) guarded(watched, () => watchOf(watched).tick())
  schedule()
}, lookEveryMs)

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
      watched.watch?.close(false)
      logs.delete(`${message.account}/${message.location}`)
      return
    case 'test':
      beginTest(watched, message)
  }
}

function watchOf(watched: Watched): LogWatch {
  if (watched.watch !== undefined) return watched.watch
  const { log, settings } = watched
  const parts = { openReader: () => openReader(log.place), locate, say, now: () => Date.now() }
  watched.watch = new LogWatch({ ...log, settings }, parts)
  watched.watch.grown(watched.size)
  return watched.watch
}

/** A log that cannot be read says so once, and is tried again; what it had not committed it sees again. */
function guarded(watched: Watched, work: () => void): void {
  const { account, location } = watched.log.place
  try {
    work()
    if (watched.isFailing) say({ kind: 'recovered', account, location })
    watched.isFailing = false
  } catch (error) {
    const { code = 'FAILED', message } = error as Error & { readonly code?: string }
    if (!watched.isFailing) say({ kind: 'failed', account, location, code, message })
    watched.isFailing = true
  }
}

function schedule(): void {
  if (isScheduled) return
  isScheduled = true
  setImmediate(() => {
    isScheduled = false
    for (const watched of logs.values()) {
      if (watched.isFailing) continue
      guarded(watched, () => {
        if (watchOf(watched).isDue) watchOf(watched).step()
      })
    }
    stepTest()
    const isDue = [...logs.values()].some(({ watch, isFailing }) => !isFailing && watch?.isDue === true)
    if (isDue || tests.length > 0) schedule()
  })
}

function beginTest({ log }: Watched, { id, ask }: Extract<ToAlerts, { kind: 'test' }>): void {
  try {
    const reader = openReader(log.place)
    tests.push({ id, test: new RuleTest(ask, reader, locate), close: () => reader.close() })
  } catch (error) {
    say({ kind: 'tested', id, answer: { problem: (error as Error).message } })
  }
}

/** A slice of the test that waits longest. */
function stepTest(): void {
  const [first] = tests
  if (first === undefined) return
  let answer
  try {
    answer = first.test.step()
  } catch (error) {
    answer = { problem: (error as Error).message }
  }
  if (answer === undefined) return
  tests.shift()
  first.close()
  say({ kind: 'tested', id: first.id, answer })
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
