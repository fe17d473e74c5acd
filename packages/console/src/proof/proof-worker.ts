/** The web worker that verifies: it fetches from the log itself, so that only answers cross to the page. */
import { createApi } from '../api/client.ts'
import { checkHead } from './check-head.ts'
import { provePair } from './prove-pair.ts'
import { proveRows } from './prove-rows.ts'
import { type ProverReply, type ProverRequest, errorReply } from './prover-messages.ts'

const api = createApi((input, init) => fetch(input, init))

async function answer(request: ProverRequest): Promise<ProverReply> {
  const log = api.log(request.location)
  try {
    if (request.kind === 'head') {
      return { id: request.id, kind: 'head', answer: await checkHead(log, request.question) }
    }
    if (request.kind === 'pair') {
      return { id: request.id, kind: 'pair', answer: await provePair(log, request.question) }
    }
    return { id: request.id, kind: 'rows', answer: await proveRows(log, request.head, request.rows) }
  } catch (error) {
    return errorReply(request.id, error)
  }
}

self.addEventListener('message', (message: MessageEvent<ProverRequest>) => {
  void answer(message.data).then((reply) => self.postMessage(reply))
})
