/** Reads bundles of a log in a thread of its own, as a server does for whoever verifies the log. Hears which, posts each. */
import { parentPort, workerData } from 'node:worker_threads'
import { openReader, type ReaderOptions } from '@keywitness/tracker'

const reader = openReader(workerData as ReaderOptions)

parentPort?.on('message', (wanted: { readonly n: number; readonly width: number } | 'end') => {
  if (wanted === 'end') {
    reader.close()
    parentPort?.close()
    return
  }
  const bytes = new Uint8Array(reader.bundle(wanted.n, wanted.width) ?? [])
  parentPort?.postMessage({ n: wanted.n, bytes }, [bytes.buffer])
})
