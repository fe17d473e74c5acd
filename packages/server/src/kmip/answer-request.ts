/** One request message, decided as a whole and recorded as a whole, then answered (KMIP 1.4, section 7). */
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
import type { KmipCall, KmipSeen } from './operations/item.ts'
import { instanceTarget } from './operations/object-of-item.ts'
import { isChanging, operationOf } from './operations/operations.ts'
import type { KmipPeer } from './peer.ts'
import { reasonOf } from './refusal-of.ts'
import { tags } from './ttlv/tags.ts'
import type { ObjectTurns } from './object-turns.ts'

export interface AnswerParts extends BatchParts, DueParts {
  readonly clients: Clients
  readonly audit: Audit
  readonly clock: Clock
  readonly objectTurns: ObjectTurns
  /** What was destroyed is to leave the rest of the data folder too. */
  readonly oweForgetting: () => void
}

export interface Answer {
  readonly items: readonly ResponseItem[]
  readonly bytes: Buffer
}

/** A message under way. */
export interface Exchange {
  readonly peer: KmipPeer
  /** Who was let in with it. */
  readonly client: Client
  readonly request: RequestMessage
  readonly correlationId: string
}

/** Decisions of a message that only reads, or does not say what it changes, before it takes its turn. */
const decisionsAtOnce = 2

/**
 * The answer, its items and its bytes, once everything it tells is durable.
 * @throws Refusal when the client is not let in any more, or nothing could be recorded: then nothing was done
 */
export async function answerRequest(exchange: Exchange, parts: AnswerParts): Promise<Answer> {
  const { client, request, correlationId } = exchange
  const circumstances = circumstancesOf(client, correlationId)
  const touched = new Set<string>()
  const decided = (decisions?: number): Promise<Answer> =>
    parts.audit.witnessAll(circumstances, () => decide(exchange, touched, parts), decisions)
  const turn = (ids: Iterable<string>, isAlone: boolean, run: () => Promise<Answer>): Promise<Answer> =>
    parts.objectTurns.take(placed(ids, client), isAlone, run)
  const isAlone = request.items.some(({ operation }) => isChanging(operation))
  try {
    return await turn(namedBy(request), isAlone, () => decided(isAlone ? undefined : decisionsAtOnce))
  } catch (error) {
    if (!isConflict(error)) throw error
  }
  try {
    // By now it is known which objects others were quicker at.
    return await turn(touched, true, () => decided())
  } catch (error) {
    if (!isConflict(error)) throw error
    return await parts.audit.witnessAll(circumstances, () => refuseAll(exchange, error, parts))
  }
}

function isConflict(error: unknown): error is Refusal {
  return error instanceof Refusal && error.code === 'CONFLICT'
}

/** Objects that the items name by their identifiers. */
function namedBy({ items }: RequestMessage): string[] {
  return items.flatMap(({ payload }) =>
    payload.value.flatMap((field) =>
      field.tag === tags.UniqueIdentifier && field.type === 'TextString' ? [field.value] : [],
    ),
  )
}

function placed(ids: Iterable<string>, { instance, adapter }: Client): string[] {
  return [...ids].map((id) => `${instance.guid} ${adapter.id} ${id}`)
}

/**
 * Anew each time: a certificate may have been removed since the message was read, and where it was registered again
 * meanwhile, the message came before that.
 * @throws Refusal
 */
function admitted({ peer, client }: Exchange, { clients, clock }: AnswerParts): Client {
  const now = clients.admit(peer, clock.now())
  if (now.certificate.id !== client.certificate.id) throw new Refusal('KMIP_UNKNOWN_CERTIFICATE')
  return now
}

async function decide(exchange: Exchange, touched: Set<string>, parts: AnswerParts): Promise<Together<Answer>> {
  const client = admitted(exchange, parts)
  const now = parts.clock.now()
  const { request, correlationId } = exchange
  const call: KmipCall = { ...client, version: request.answerVersion, now }
  const outcome = await runBatch(request, call, correlationId, parts)
  for (const id of outcome.workspace.touched()) touched.add(id)
  const bytes = encoded(outcome.items, exchange, now)
  outcome.wipe()
  const { maximumResponseSize } = request.header
  if (maximumResponseSize !== undefined && bytes.length > maximumResponseSize) {
    bytes.fill(0)
    // Nothing is kept of what the client would never learn (reference section 18, 19).
    const refusal = new Refusal('KMIP_RESPONSE_TOO_LARGE')
    return { ...refused(exchange, refusal, call, outcome.known()), conditions: [client.condition] }
  }
  return {
    ...recorded(outcome, client, exchange, parts),
    result: { items: outcome.items, bytes },
    discard: () => void bytes.fill(0),
  }
}

function recorded(
  { workspace, parts: events, isKept }: BatchOutcome,
  client: Client,
  { correlationId }: Exchange,
  parts: AnswerParts,
): Omit<Together<Answer>, 'result'> {
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

function refuseAll(exchange: Exchange, refusal: Refusal, parts: AnswerParts): Promise<Together<Answer>> {
  const client = admitted(exchange, parts)
  const call: KmipCall = { ...client, version: exchange.request.answerVersion, now: parts.clock.now() }
  return Promise.resolve({ ...refused(exchange, refusal, call), conditions: [client.condition] })
}

/**
 * One refusal for all items of a message: none of them was done.
 * @param known of the first of them, as far as they were looked at
 */
function refused(
  exchange: Exchange,
  refusal: Refusal,
  call: KmipCall,
  known: readonly KmipSeen[] = [],
): Together<Answer> {
  const { request } = exchange
  const events = request.items.map(({ operation }, index): Part => {
    const seen = known[index] ?? { target: instanceTarget(call), request: {}, response: {} }
    const action = operationOf(operation, call.version)?.action
    return failureOf(action, seen, messageFacts(request, call, index), refusal)
  })
  const [only, ...more] = request.items
  const said = { status: 'OperationFailed', reason: reasonOf(refusal), message: refusal.message } as const
  const item: ResponseItem = more.length > 0 ? said : { operation: only?.operation, id: only?.id, ...said }
  const result = { items: [item], bytes: encoded([item], exchange, call.now) }
  return { result, parts: events, changes: [], conditions: [] }
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
