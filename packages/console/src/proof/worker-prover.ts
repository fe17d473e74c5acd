/** The prover of the browser: passes questions to the proof worker and its answers back. */
import { ApiError } from '../api/problem.ts'
// The build makes the address; the linter knows nothing of it.
// oxlint-disable-next-line import/default
import workerUrl from './proof-worker.ts?worker&url'
import type { ProverReply, ProverRequest } from './prover-messages.ts'
import type { Prover } from './witness.ts'

type Waiting = { readonly resolve: (reply: ProverReply) => void; readonly reject: (error: Error) => void }

/** The part of the Trusted Types API used here; browsers without it have no `trustedTypes`. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): {
    createScriptURL(url: string): string
  }
}

/** The worker's address, blessed where the browser demands it: it is the only script address the page ever makes. */
function trustedWorkerUrl(): string {
  const trustedTypes = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes
  const policy = trustedTypes?.createPolicy('keywitness', {
    createScriptURL: (url) => {
      if (url !== workerUrl) throw new TypeError('not the proof worker')
      return url
    },
  })
  return policy?.createScriptURL(workerUrl) ?? workerUrl
}

/** Starts the worker. It ends with the page. */
export function startWorkerProver(): Prover {
  const worker = new Worker(trustedWorkerUrl(), { type: 'module', name: 'proof' })
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
