/** A thread of the trail steps back, with what it begins, and nobody else. */
import { readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'

/** Niceness of the thread that asks, before and after it stepped back, and of one that it began then (field 19 of proc_pid_stat(5)). */
const program = `
  import { readFileSync } from 'node:fs'
  import { parentPort, Worker } from 'node:worker_threads'
  import { stepBack } from ${JSON.stringify(new URL('./step-back.ts', import.meta.url).href)}
  const niceness = "Number(require('fs').readFileSync('/proc/thread-self/stat', 'utf8').split(') ').at(-1).split(' ')[16])"
  const mine = () => Number(readFileSync('/proc/thread-self/stat', 'utf8').split(') ').at(-1).split(' ')[16])
  const before = mine()
  stepBack()
  const begun = new Worker("require('worker_threads').parentPort.postMessage(" + niceness + ')', { eval: true })
  begun.once('message', (ofBegun) => parentPort.postMessage({ before, after: mine(), ofBegun }))
`

const niceness = (): number =>
  Number(readFileSync(`/proc/${process.pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[16])

test.runIf(process.platform === 'linux')(
  'A thread of the trail steps back with all it begins, and the process stays as it was.',
  async () => {
    const own = niceness()
    const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`))
    const found = await new Promise((resolve, reject) => {
      thread.once('message', resolve)
      thread.once('error', reject)
    })
    const lower = Math.min(19, own + 10)
    expect(found).toEqual({ before: own, after: lower, ofBegun: lower })
    expect(niceness()).toBe(own)
  },
)
