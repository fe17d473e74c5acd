/** The items of one request message, one after the other on one workspace; what comes of them is committed together. */
import type { ActionName } from '@keywitness/cadf'
import type { Logger } from 'pino'
import type { Part, Seen } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { Fields } from './message/fields.ts'
import type { BatchItem, RequestMessage } from './message/request.ts'
import type { ResponseItem } from './message/response.ts'
import type { KmipCall, KmipItem, KmipOperationParts, KmipSeen } from './operations/item.ts'
import { instanceTarget } from './operations/object-of-item.ts'
import { operationOf, type ServedOperation, unservedText } from './operations/operations.ts'
import { reasonForFailure, reasonOf, refusalOf } from './refusal-of.ts'
import { messageFacts } from './message-facts.ts'
import { structure } from './ttlv/item.ts'
import { overwrite } from './ttlv/overwrite.ts'
import { tags } from './ttlv/tags.ts'
import { Workspace } from './workspace.ts'

/** What is recorded of what tells of the server only, when it fails, and of what is not served. */
const invalidRequest = 'hs-crypto.kmip-key.default'

export interface BatchParts extends KmipOperationParts {
  readonly log: Logger
}

/** What a message came to, before it is recorded. */
export interface BatchOutcome {
  readonly items: readonly ResponseItem[]
  readonly workspace: Workspace
  /** An event for each item that has one, in their order. */
  readonly parts: readonly Part[]
  /** Whether what was done is to be committed. */
  readonly isKept: boolean
  /** What is known of each item that was run; where it is about an object that is there, of that. */
  readonly known: () => readonly KmipSeen[]
  /** Overwrites the secrets of the answer: it is encoded. */
  readonly wipe: () => void
}

/** Of an item whose result is dropped: what it made was never there, what it was asked of is. */
function knownOf(seen: KmipSeen, call: KmipCall, workspace: Workspace): KmipSeen {
  const { keyId } = seen.response
  const isThere = keyId === undefined || workspace.find(keyId)?.number !== undefined
  return isThere ? seen : { ...seen, target: instanceTarget(call), response: {} }
}

interface ItemOutcome {
  readonly response: ResponseItem
  readonly part: Part | undefined
  readonly hasFailed: boolean
}

/** @param correlationId under which the log tells of what nobody foresaw */
export async function runBatch(
  message: RequestMessage,
  call: KmipCall,
  correlationId: string,
  parts: BatchParts,
): Promise<BatchOutcome> {
  const { version, header, items } = message
  const place = { instance: call.instance.guid, adapter: call.adapter.id }
  const workspace = new Workspace({ objects: parts.objects, place, now: call.now })
  const batch: KmipItem['batch'] = { placeholder: undefined }
  const outcomes: ItemOutcome[] = []
  const seenItems: KmipSeen[] = []
  let hasFailed = false
  for (const [index, item] of items.entries()) {
    const seen: KmipSeen = { target: instanceTarget(call), request: {}, response: {} }
    seenItems.push(seen)
    const facts = messageFacts(message, call, index)
    const outcome = await runItem(item, version, { call, workspace, batch, seen }, facts, parts).catch(
      (error: unknown) =>
        failed(item, call, { seen, facts }, refusalOf(error) ?? unforeseen(error, correlationId, parts)),
    )
    outcomes.push(outcome)
    hasFailed ||= outcome.hasFailed
    if (outcome.hasFailed && header.batchErrorContinuation !== 'Continue') break
  }
  const isUndone = hasFailed && header.batchErrorContinuation === 'Undo'
  const ended = isUndone ? outcomes.map(undone) : outcomes
  return {
    items: ended.map(({ response }) => response),
    parts: ended.flatMap(({ part }) => (part === undefined ? [] : [part])),
    workspace,
    isKept: !isUndone,
    known: () => seenItems.map((seen) => knownOf(seen, call, workspace)),
    wipe: () => {
      for (const outcome of outcomes) wipe(outcome)
    },
  }
}

/** What an item's event tells of it. */
interface Told {
  readonly seen: KmipSeen
  /** Of the message. */
  readonly facts: object
}

async function runItem(
  { operation, id, payload, extension }: BatchItem,
  version: RequestMessage['version'],
  item: KmipItem,
  facts: object,
  parts: BatchParts,
): Promise<ItemOutcome> {
  if (extension?.isCritical === true) {
    throw new Refusal('KMIP_FEATURE_NOT_SUPPORTED', { message: 'The message extension is not understood.' })
  }
  const served = operationOf(operation, item.call.version)
  if (served === undefined) {
    throw new Refusal('KMIP_OPERATION_NOT_SUPPORTED', { message: unservedText(operation, item.call.version) })
  }
  const fields = await served.run(new Fields(payload, version), item, parts)
  return {
    response: { operation, id, status: 'Success', payload: structure(tags.ResponsePayload, fields) },
    part: successOf(served, item.seen, facts),
    hasFailed: false,
  }
}

function failed({ operation, id }: BatchItem, call: KmipCall, { seen, facts }: Told, refusal: Refusal): ItemOutcome {
  const { message } = refusal
  return {
    response: { operation, id, status: 'OperationFailed', reason: reasonOf(refusal), message },
    part: failureOf(operationOf(operation, call.version)?.action, seen, facts, refusal),
    hasFailed: true,
  }
}

function unforeseen(error: unknown, correlationId: string, { log }: BatchParts): Refusal {
  log.error({ correlationId, err: error }, 'a KMIP operation failed unexpectedly')
  return new Refusal('INTERNAL', { cause: error })
}

function successOf({ action }: ServedOperation, seen: KmipSeen, facts: object): Part | undefined {
  if (action === undefined) return undefined
  const code = action === 'hs-crypto.kmip-key.create' ? 201 : 200
  return { action, code, seen: seenOf(seen, facts, seen.response) }
}

/** Of what failed only the request is told, the reason, and which object it was about. */
export function failureOf(action: ActionName | undefined, seen: KmipSeen, facts: object, refusal: Refusal): Part {
  const response = { resultReason: reasonOf(refusal), ...kept(action, seen) }
  return {
    action: action ?? invalidRequest,
    code: refusal.status,
    failure: reasonForFailure(refusal),
    seen: seenOf(action === undefined ? { ...seen, request: {} } : seen, facts, response),
  }
}

/** Which of an answer's facts were true of a refused request too. */
function kept(action: ActionName | undefined, { response }: KmipSeen): object {
  if (action === undefined || action === 'hs-crypto.kmip-key.list') return {}
  const { keyId, rootKeyId } = response
  const hasRoot = rootKeyId !== undefined && rootActions.has(action)
  return { ...(keyId === undefined ? {} : { keyId }), ...(hasRoot ? { rootKeyId } : {}) }
}

const rootActions: ReadonlySet<string> = new Set([
  'hs-crypto.kmip-key.create',
  'hs-crypto.kmip-key.read',
  'hs-crypto.kmip-key.use',
])

/** The catalogue decides which fields an action has; the event builder refuses any other. */
function seenOf({ target, request }: KmipSeen, facts: object, response: object): Seen<ActionName> {
  return { target, request: { ...facts, ...request }, response } as Seen<ActionName>
}

/**
 * What was done is taken back, and that is what its event tells. The answer keeps what was answered (KMIP 1.4, section 4),
 * but nothing that could not be taken back any more: a key that was got, what was encrypted with a key.
 */
function undone(outcome: ItemOutcome): ItemOutcome {
  if (outcome.hasFailed) return outcome
  const { part, response } = outcome
  const refusal = new Refusal('KMIP_BATCH_UNDONE')
  const isGiven = part !== undefined && givingOut.has(part.action)
  if (isGiven) wipe(outcome)
  const { payload, ...bare } = response
  return {
    ...outcome,
    response: { ...bare, status: 'OperationUndone', ...(isGiven ? {} : { payload }) },
    part: part && {
      ...part,
      code: refusal.status,
      failure: reasonForFailure(refusal),
      seen: { ...part.seen, request: { ...part.seen.request, isUndone: true } },
    },
  }
}

/** What answers what it was asked for, and changes nothing that could be changed back. */
const givingOut: ReadonlySet<string> = new Set([
  'hs-crypto.kmip-key.read',
  'hs-crypto.kmip-key.use',
  'hs-crypto.kmip-key.list',
  'hs-crypto.kmip-key-attributes.retrieve',
])

/** Of these, what holds key material, or what only a key brings to light. All of it was made for the answer. */
const secretive: ReadonlySet<string> = new Set(['hs-crypto.kmip-key.read', 'hs-crypto.kmip-key.use'])

/** Overwrites what an item's answer holds of secrets, once it is encoded or will never be. */
function wipe({ part, response: { payload } }: ItemOutcome): void {
  if (part !== undefined && payload !== undefined && secretive.has(part.action)) overwrite(payload)
}
