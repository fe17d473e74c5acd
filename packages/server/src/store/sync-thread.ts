/** The thread that waits for the disk: syncs the file it is given whenever a shared number grows, and tells when it is done. */
import { fdatasyncSync, openSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'

const { file, shared } = workerData as { file: string; shared: SharedArrayBuffer }
const port = parentPort as NonNullable<typeof parentPort>
const asked = new Int32Array(shared)
const log = openSync(file, 'r')

for (let done = 0; ;) {
  Atomics.wait(asked, 0, done)
  done = Atomics.load(asked, 0)
  try {
    fdatasyncSync(log)
    port.postMessage(undefined)
  } catch (error) {
    port.postMessage(error)
  }
}
