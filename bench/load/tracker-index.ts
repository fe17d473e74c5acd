/** Follows a log that is being filled, as the product's index thread does. Hears that there is more, and `end`; says how far it is. */
import { parentPort, workerData } from 'node:worker_threads'
import { openIndexer } from '@keywitness/tracker'

const followStep = 2_000

const { folder } = workerData as { readonly folder: string }
const indexer = openIndexer({ folder })
let isGoing = false
let isEnding = false

function go(): void {
  const count = indexer.follow(followStep)
  parentPort?.postMessage(indexer.cursor)
  isGoing = count === followStep
  if (isGoing) setImmediate(go)
  else if (isEnding) {
    indexer.close()
    parentPort?.close()
  }
}

parentPort?.on('message', (message: 'more' | 'end') => {
  isEnding = message === 'end'
  if (isGoing) return
  isGoing = true
  setImmediate(go)
})
