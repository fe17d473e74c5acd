/**
 * Brings what is committed to the disk while the serving thread goes on. A thread of its own waits for it: Node's shared ones may
 * all be busy making long keys, and nobody may be kept waiting for those.
 */
import { Worker } from 'node:worker_threads'
import { programFiles } from '../program-files.ts'

export interface StoreSync {
  /**
   * Resolves once the disk has all that was committed before the call. One call at a time.
   * Rejects with the system's error: what of it is on the disk is unknown then.
   */
  synced(): Promise<void>
  stop(): Promise<void>
}

/** `logFile`: the write-ahead log of an open store. `failed`: the thread itself is gone. */
export function startStoreSync(logFile: string, failed: (error: Error) => void): StoreSync {
  const shared = new SharedArrayBuffer(4)
  const asked = new Int32Array(shared)
  const thread = new Worker(programFiles.threads.sync, { workerData: { file: logFile, shared } })
  thread.unref()
  let waiting: PromiseWithResolvers<void> | undefined
  thread.on('message', (error: Error | undefined) => {
    const told = waiting
    waiting = undefined
    if (error === undefined) told?.resolve()
    else told?.reject(error)
  })
  thread.on('error', failed)
  return {
    synced: () => {
      if (waiting !== undefined) throw new Error('the disk is still busy with the call before')
      waiting = Promise.withResolvers()
      // It wraps around: only that it is another number is looked at.
      Atomics.add(asked, 0, 1)
      Atomics.notify(asked, 0)
      return waiting.promise
    },
    stop: async () => {
      await thread.terminate()
    },
  }
}
