/** One request message, decided as a whole and recorded as a whole, then answered (KMIP 1.4, section 7). */
import { randomUUID } from 'node:crypto'
import type { Audit, Circumstances, Part, Together } from '../audit.ts'
import type { Caller } from '../caller.ts'
import type { Clock } from '../clock.ts'
import { Refusal } from '../errors.ts'
import { type BatchOutcome, type BatchParts, failureOf, runBatch } from './batch.ts'
import type { Client, Clients } from './clients.ts'
import { dueParts, type DueParts } from './due.ts'
import { messageFacts } from './message-facts.ts'
import type { RequestMessage } from './message/request.ts'
import { encodeResponse, type ResponseItem } from './message/response.ts'
import type { KmipCall } from './operations/item.ts'
import { instanceTarget } from './operations/object-of-item.ts'
import { operationOf } from './operations/operations.ts'
import type { KmipPeer } from './peer.ts'
import { reasonOf } from './refusal-of.ts'

export interface AnswerParts extends BatchParts, DueParts {
  readonly clients: Clients
  readonly audit: Audit
  readonly clock: Clock
  /** What was destroyed is to leave the rest of the data folder too. */
  readonly oweForgetting: () => void
}

/** A message under way. */
interface Exchange {
  readonly peer: KmipPeer
  readonly request: RequestMessage
  readonly correlationId: string
}

/**
 * The answer, once everything it tells is durable.
 * @throws Refusal when the client is not let in, or nothing could be recorded: then nothing was done
 */
export async function answerRequest(peer: KmipPeer, request: RequestMessage, parts: AnswerParts): Promise<Buffer> {
  const exchange: Exchange = { peer, request, correlationId: randomUUID() }
  // Whether it is let in is decided with the message.
  const circumstances = circumstancesOf(parts.clients.find(peer), exchange.correlationId)
  try {
    return await parts.audit.witnessAll(circumstances, () => decide(exchange, parts))
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'CONFLICT') throw error
    // Others were quicker each time: every item is refused, and each refusal is an event.
    return await parts.audit.witnessAll(circumstances, () => refuseAll(exchange, error, parts))
  }
}

/** Anew each time: a certificate may have been removed since the message was read. */
function admitted({ peer }: Exchange, { clients, clock }: AnswerParts): Client {
  const client = clients.find(peer)
  clients.admit(client, peer, clock.now())
  return client
}

async function decide(exchange: Exchange, parts: AnswerParts): Promise<Together<Buffer>> {
  const client = admitted(exchange, parts)
  const now = parts.clock.now()
  const call: KmipCall = { ...client, version: exchange.request.answerVersion, now }
  const outcome = await runBatch(exchange.request, call, parts)
  const bytes = encoded(outcome.items, exchange, now)
  const { maximumResponseSize } = exchange.request.header
  if (maximumResponseSize !== undefined && bytes.length > maximumResponseSize) {
    bytes.fill(0)
    // Nothing is kept of what the client would never learn (reference section 18, 19).
    return { ...refused(exchange, new Refusal('KMIP_RESPONSE_TOO_LARGE'), call), conditions: [client.condition] }
  }
  return { ...recorded(outcome, client, exchange, parts), result: bytes }
}

function recorded(
  { workspace, parts: events, isKept }: BatchOutcome,
  client: Client,
  { correlationId }: Exchange,
  parts: AnswerParts,
): Omit<Together<Buffer>, 'result'> {
  const conditions = [client.condition, ...workspace.conditions()]
  if (!isKept) return { parts: events, changes: [], conditions }
  const erases = workspace.changed().some(({ destroyed }) => destroyed !== undefined)
  return {
    parts: [...dueParts(workspace.due(), client.instance, parts, correlationId), ...events],
    changes: workspace.changes(),
    conditions,
    ...(erases ? { settled: parts.oweForgetting } : {}),
  }
}

function refuseAll(exchange: Exchange, refusal: Refusal, parts: AnswerParts): Promise<Together<Buffer>> {
  const client = admitted(exchange, parts)
  const call: KmipCall = { ...client, version: exchange.request.answerVersion, now: parts.clock.now() }
  return Promise.resolve({ ...refused(exchange, refusal, call), conditions: [client.condition] })
}

/** One refusal for all items of a message: none of them was done. */
function refused(exchange: Exchange, refusal: Refusal, call: KmipCall): Together<Buffer> {
  const { request } = exchange
  const events = request.items.map(({ operation }, index): Part => {
    const seen = { target: instanceTarget(call), request: {}, response: {} }
    const action = operationOf(operation, call.version)?.action
    return failureOf(action, seen, messageFacts(request, call, index), refusal)
  })
  const [only, ...more] = request.items
  const said = { status: 'OperationFailed', reason: reasonOf(refusal), message: refusal.message } as const
  const item: ResponseItem = more.length > 0 ? said : { operation: only?.operation, id: only?.id, ...said }
  return { result: encoded([item], exchange, call.now), parts: events, changes: [], conditions: [] }
}

function encoded(items: readonly ResponseItem[], { request, correlationId }: Exchange, now: number): Buffer {
  return encodeResponse({
    version: request.answerVersion,
    timeStamp: BigInt(Math.floor(now / 1_000)),
    // Clients that name no messages need not know the field, and there are those that cannot read past it.
    serverCorrelationValue: namesMessages(request) ? correlationId : undefined,
    items,
  })
}

function namesMessages({ header }: RequestMessage): boolean {
  return header.clientCorrelationValue !== undefined || header.serverCorrelationValue !== undefined
}

export function circumstancesOf({ instance, certificate }: Client, correlationId: string): Circumstances {
  return {
    caller: clientCaller(certificate.fingerprint, certificate.name, instance.account),
    destination: { account: instance.account, location: instance.location },
    logSourceCRN: instance.crn,
    correlationId,
    instanceID: instance.guid,
  }
}

/** A client as an initiator. It comes over the private network by definition, and so has no address. */
export function clientCaller(fingerprint: string, name: string, account: string): Caller {
  return {
    id: `CertificateID-${fingerprint}`,
    name,
    kind: 'certificate',
    account,
    credential: 'certificate',
    isPrivate: true,
  }
}
