/** The prover of the browser: passes questions to the proof worker and its answers back. */
import { ApiError } from '../api/problem.ts'
import type { ProverReply, ProverRequest } from './prover-messages.ts'
import type { Prover } from './witness.ts'

type Waiting = { readonly resolve: (reply: ProverReply) => void; readonly reject: (error: Error) => void }

/** Starts the worker. It ends with the page. */
export function startWorkerProver(): Prover {
  const worker = new Worker(new URL('./proof-worker.ts', import.meta.url), { type: 'module', name: 'proof' })
  const waiting = new Map<number, Waiting>()
  let lastId = 0

  worker.addEventListener('message', (message: MessageEvent<ProverReply>) => {
    const reply = message.data
    const caller = waiting.get(reply.id)
    waiting.delete(reply.id)
    if (reply.kind !== 'error') caller?.resolve(reply)
    else caller?.reject(new ApiError(reply))
  })
  worker.addEventListener('error', () => {
    const error = new ApiError({ status: 0, code: 'WORKER', message: 'The proof worker failed.' })
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  })

  function ask(request: ProverRequest): Promise<ProverReply> {
    return new Promise((resolve, reject) => {
      waiting.set(request.id, { resolve, reject })
      worker.postMessage(request)
    })
  }

  return {
    async checkHead(location, question) {
      const reply = await ask({ id: (lastId += 1), kind: 'head', location, question })
      if (reply.kind !== 'head') throw new TypeError('an answer to another question')
      return reply.answer
    },
    async proveRows(location, head, rows) {
      const reply = await ask({ id: (lastId += 1), kind: 'rows', location, head, rows })
      if (reply.kind !== 'rows') throw new TypeError('an answer to another question')
      return reply.answer
    },
  }
}
