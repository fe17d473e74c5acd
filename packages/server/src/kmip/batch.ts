/** The items of one request message, one after the other on one workspace; what comes of them is committed together. */
import type { ActionName } from '@keywitness/cadf'
import { reasonForRefusal } from '@keywitness/cadf'
import type { Logger } from 'pino'
import type { Part, Seen, Together } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { Fields } from './message/fields.ts'
import type { BatchItem, RequestMessage } from './message/request.ts'
import type { ResponseItem } from './message/response.ts'
import type { KmipCall, KmipItem, KmipOperationParts, KmipSeen } from './operations/item.ts'
import { instanceTarget } from './operations/object-of-item.ts'
import { operationOf, type ServedOperation } from './operations/operations.ts'
import { reasonOf, refusalOf } from './refusal-of.ts'
import { messageFacts } from './message-facts.ts'
import { structure } from './ttlv/item.ts'
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
}

interface ItemOutcome {
  readonly response: ResponseItem
  readonly part: Part | undefined
  readonly hasFailed: boolean
}

export async function runBatch(message: RequestMessage, call: KmipCall, parts: BatchParts): Promise<BatchOutcome> {
  const { version, header, items } = message
  const place = { instance: call.instance.guid, adapter: call.adapter.id }
  const workspace = new Workspace({ objects: parts.objects, place, now: call.now })
  const batch: KmipItem['batch'] = { placeholder: undefined }
  const outcomes: ItemOutcome[] = []
  let hasFailed = false
  for (const [index, item] of items.entries()) {
    const seen: KmipSeen = { target: instanceTarget(call), request: {}, response: {} }
    const facts = messageFacts(message, call, index)
    const outcome = await runItem(item, version, { call, workspace, batch, seen }, facts, parts)
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
  }
}

async function runItem(
  { operation, id, payload, extension }: BatchItem,
  version: RequestMessage['version'],
  item: KmipItem,
  facts: object,
  parts: BatchParts,
): Promise<ItemOutcome> {
  const served = operationOf(operation, item.call.version)
  const answer = { operation, id }
  try {
    if (extension?.isCritical === true) {
      throw new Refusal('KMIP_FEATURE_NOT_SUPPORTED', { message: 'The message extension is not understood.' })
    }
    if (served === undefined) throw new Refusal('KMIP_OPERATION_NOT_SUPPORTED')
    const fields = await served.run(new Fields(payload, version), item, parts)
    const response: ResponseItem = { ...answer, status: 'Success', payload: structure(tags.ResponsePayload, fields) }
    return { response, part: successOf(served, item.seen, facts), hasFailed: false }
  } catch (error) {
    const refusal = refusalOf(error) ?? unforeseen(error, parts)
    const reason = reasonOf(refusal)
    const response: ResponseItem = { ...answer, status: 'OperationFailed', reason, message: refusal.message }
    return { response, part: failureOf(served?.action, item.seen, facts, refusal), hasFailed: true }
  }
}

function unforeseen(error: unknown, { log }: BatchParts): Refusal {
  log.error({ err: error }, 'a KMIP operation failed unexpectedly')
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
    failure: refusal.code === 'INTERNAL' ? refusal.message : reasonForRefusal(refusal.message, refusal.code),
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

/** What was done is taken back, and that is what its event tells; the answer keeps what was answered (KMIP 1.4, section 4). */
function undone(outcome: ItemOutcome): ItemOutcome {
  if (outcome.hasFailed) return outcome
  const { part } = outcome
  const { code, status, message } = new Refusal('KMIP_BATCH_UNDONE')
  return {
    ...outcome,
    response: { ...outcome.response, status: 'OperationUndone' },
    part: part && {
      ...part,
      code: status,
      failure: reasonForRefusal(message, code),
      seen: { ...part.seen, request: { ...part.seen.request, isUndone: true } as object },
    },
  }
}

/** All of a message as one piece for the audit door. */
export function together<R>(result: R, outcome: BatchOutcome, due: readonly Part[]): Together<R> {
  const { workspace, parts, isKept } = outcome
  return {
    result,
    parts: isKept ? [...due, ...parts] : parts,
    changes: isKept ? workspace.changes() : [],
    conditions: workspace.conditions(),
  }
}
