/** The prover of the browser: passes questions to the proof worker and its answers back. */
import { ApiError } from '../api/problem.ts'
import type { ProverReply, ProverRequest } from './prover-messages.ts'
import type { PairProver } from './prove-pair.ts'
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
function trusted(address: string): string {
  const trustedTypes = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes
  const policy = trustedTypes?.createPolicy('keywitness', {
    createScriptURL: (url) => {
      if (url !== address) throw new TypeError('not the proof worker')
      return url
    },
  })
  return policy?.createScriptURL(address) ?? address
}

/** Starts the worker with the first question. It ends with the page. */
export function startWorkerProver(): Prover & PairProver {
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  let started: Promise<Worker> | undefined

  async function start(): Promise<Worker> {
    // The build puts the worker into a file of its own and its address here.
    const { default: address } = await import('./proof-worker.ts?worker&url')
    const worker = new Worker(trusted(address), { type: 'module', name: 'proof' })
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
    return worker
  }

  async function ask(request: ProverRequest): Promise<ProverReply> {
    started ??= start().catch((error: unknown) => {
      // A file that could not be fetched can be fetched later.
      started = undefined
      throw error
    })
    const worker = await started
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
    async provePair(location, question) {
      const reply = await ask({ id: (lastId += 1), kind: 'pair', location, question })
      if (reply.kind !== 'pair') throw new TypeError('an answer to another question')
      return reply.answer
    },
  }
}
