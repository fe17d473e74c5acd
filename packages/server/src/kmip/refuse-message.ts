/** Refuses a message of which nothing is done, and records that (reference sections 4.5 and 19). */
import type { Logger } from 'pino'
import type { Audit, Circumstances, Part } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { type ErrorCode, Refusal } from '../errors.ts'
import type { Accounts } from '../iam/accounts.ts'
import type { FloodControl } from '../iam/flood.ts'
import { accountCrn } from '../iam/names.ts'
import { circumstancesOf, clientCaller } from './answer-request.ts'
import type { Client, Clients } from './clients.ts'
import { messageFailure } from './message/response.ts'
import type { Version } from './message/version.ts'
import { instanceTarget } from './operations/object-of-item.ts'
import type { KmipPeer } from './peer.ts'
import { reasonForFailure, reasonOf, refusalOf } from './refusal-of.ts'

export interface RefuseParts {
  readonly audit: Audit
  readonly clients: Clients
  readonly accounts: Pick<Accounts, 'operator'>
  /** Failed authentications beyond a few are counted, not recorded. */
  readonly flood: Pick<FloodControl, 'failed'>
  readonly clock: Clock
  /** Name of this service in cloud resource names. */
  readonly cname: string
  readonly log: Logger
}

/** A message that is refused. */
export interface RefusedMessage {
  readonly peer: KmipPeer
  /** The client's, for the answer. */
  readonly version: Version
  readonly error: unknown
  readonly correlationId: string
}

/** The answer, once the refusal is durable. */
export async function refuseMessage(message: RefusedMessage, parts: RefuseParts): Promise<Buffer> {
  const { version, error, correlationId } = message
  const refusal = refusalOf(error) ?? unforeseen(error, correlationId, parts)
  const said = await recorded(message, refusal, parts)
  const seconds = BigInt(Math.floor(parts.clock.now() / 1_000))
  return messageFailure(version, seconds, reasonOf(said), said.message)
}

function unforeseen(error: unknown, correlationId: string, { log }: RefuseParts): Refusal {
  log.error({ correlationId, err: error }, 'a KMIP message failed unexpectedly')
  return new Refusal('INTERNAL', { cause: error })
}

/** Of a client whose certificate is registered, and yet does not let it in. */
const certificateFaults: ReadonlySet<ErrorCode> = new Set(['KMIP_CERTIFICATE_EXPIRED', 'KMIP_CERTIFICATE_WEAK'])

/** What the client may be told: the refusal, or that not even this could be recorded. */
async function recorded(message: RefusedMessage, refusal: Refusal, parts: RefuseParts): Promise<Refusal> {
  // What could not be recorded was refused for that very reason.
  if (refusal.code === 'AUDIT_UNAVAILABLE' || refusal.code === 'STORAGE_FULL') return refusal
  const { peer, version, correlationId } = message
  const client = known(peer, parts)
  const isUnauthenticated = client === undefined || certificateFaults.has(refusal.code)
  if (isUnauthenticated && !parts.flood.failed(peer.address, true)) return refusal
  const circumstances =
    client === undefined ? strangersCircumstances(peer, correlationId, parts) : circumstancesOf(client, correlationId)
  if (circumstances === undefined) return refusal
  const part = refusedPart(client, circumstances, version, refusal)
  try {
    await parts.audit.witnessAll(circumstances, () =>
      Promise.resolve({ result: undefined, parts: [part], changes: [], conditions: [] }),
    )
    return refusal
  } catch (error) {
    return error instanceof Refusal ? error : unforeseen(error, correlationId, parts)
  }
}

function refusedPart(
  client: Client | undefined,
  { logSourceCRN }: Circumstances,
  { major, minor }: Version,
  refusal: Refusal,
): Part {
  const whose = client === undefined ? {} : { adapterId: client.adapter.id, certificateId: client.certificate.id }
  return {
    action: 'hs-crypto.kmip-key.default',
    code: refusal.status,
    failure: reasonForFailure(refusal),
    seen: {
      target: client === undefined ? { id: logSourceCRN, name: '' } : instanceTarget(client),
      request: { ...whose, protocolVersion: `${major}.${minor}` },
      response: { resultReason: reasonOf(refusal) },
    },
  }
}

function known(peer: KmipPeer, { clients }: RefuseParts): Client | undefined {
  try {
    return clients.find(peer)
  } catch {
    return undefined
  }
}

/** Whose certificate nobody knows is told to the operator, never to a tenant (design 8). */
function strangersCircumstances(
  { fingerprint }: KmipPeer,
  correlationId: string,
  { accounts, cname }: RefuseParts,
): Circumstances | undefined {
  const operator = accounts.operator()
  if (operator === undefined) return undefined
  return {
    caller:
      fingerprint === undefined
        ? { id: 'unknown', name: 'unknown', kind: 'unknown', account: operator.id, credential: 'none', isPrivate: true }
        : clientCaller(fingerprint, 'unknown', operator.id),
    destination: { account: operator.id, location: operator.home },
    logSourceCRN: accountCrn(cname, operator.id),
    correlationId,
  }
}
