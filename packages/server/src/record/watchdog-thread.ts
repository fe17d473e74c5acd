/** The watchdog's own thread: looks at two shared numbers and kills the process when they stand still. */
import { writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'

const { shared, stallMs, lookMs } = workerData as { shared: SharedArrayBuffer; stallMs: number; lookMs: number }
const cells = new BigInt64Array(shared)
const milliseconds = (): bigint => process.hrtime.bigint() / 1_000_000n

let lastLook = milliseconds()
setInterval(() => {
  const now = milliseconds()
  // When this thread itself was held (SIGSTOP, a suspended machine), the numbers are old for that reason only.
  const wasHeld = now - lastLook > BigInt(lookMs * 5)
  lastLook = now
  if (wasHeld) return
  const beat = Atomics.load(cells, 0)
  const commit = Atomics.load(cells, 1)
  const stuck = now - beat > BigInt(stallMs)
  const stalled = commit !== 0n && now - commit > BigInt(stallMs)
  if (!stuck && !stalled) return
  const why = stalled ? 'a COMMIT does not return' : 'the serving loop is stuck'
  writeSync(2, `keywitness: ${why}; the process ends, the restart decides by reading\n`)
  process.kill(process.pid, 'SIGKILL')
}, lookMs)
