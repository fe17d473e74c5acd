/** The watchdog's own thread: looks at two shared numbers and kills the process when they stand still. */
import { writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { StallDetector } from './stall.ts'

const { shared, stallMs, lookMs } = workerData as { shared: SharedArrayBuffer; stallMs: number; lookMs: number }
const cells = new BigInt64Array(shared)
const milliseconds = (): bigint => process.hrtime.bigint() / 1_000_000n

const detector = new StallDetector({ stallMs: BigInt(stallMs), lookMs: BigInt(lookMs) }, milliseconds())
setInterval(() => {
  const stall = detector.look(milliseconds(), Atomics.load(cells, 0), Atomics.load(cells, 1))
  if (stall === undefined) return
  const why = stall === 'commit' ? 'a COMMIT does not return' : 'the serving loop is stuck'
  writeSync(2, `keywitness: ${why}; the process ends, the restart decides by reading\n`)
  process.kill(process.pid, 'SIGKILL')
}, lookMs)
