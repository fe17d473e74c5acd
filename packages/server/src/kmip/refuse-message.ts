/** Refuses a message of which nothing is done, and records that (reference sections 4.5 and 19). */
import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Audit, Circumstances } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { Refusal } from '../errors.ts'
import type { Accounts } from '../iam/accounts.ts'
import type { FloodControl } from '../iam/flood.ts'
import { accountCrn } from '../iam/names.ts'
import { circumstancesOf, clientCaller } from './answer-request.ts'
import type { Client, Clients } from './clients.ts'
import { messageFailure } from './message/response.ts'
import type { Version } from './message/version.ts'
import { instanceTarget } from './operations/object-of-item.ts'
import type { KmipPeer } from './peer.ts'
import { reasonOf, refusalOf } from './refusal-of.ts'

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

/** The answer, in the client's version; undefined for what would not understand it. */
export async function refuseMessage(
  peer: KmipPeer,
  version: Version,
  error: unknown,
  parts: RefuseParts,
  { isHeard = true }: { readonly isHeard?: boolean } = {},
): Promise<Buffer | undefined> {
  const correlationId = randomUUID()
  const refusal = refusalOf(error) ?? unforeseen(error, correlationId, parts)
  await record(peer, refusal, correlationId, version, parts)
  if (!isHeard) return undefined
  const seconds = BigInt(Math.floor(parts.clock.now() / 1_000))
  return messageFailure(version, seconds, reasonOf(refusal), refusal.message)
}

function unforeseen(error: unknown, correlationId: string, { log }: RefuseParts): Refusal {
  log.error({ correlationId, err: error }, 'a KMIP message failed unexpectedly')
  return new Refusal('INTERNAL', { cause: error })
}

async function record(
  peer: KmipPeer,
  refusal: Refusal,
  correlationId: string,
  version: Version,
  parts: RefuseParts,
): Promise<void> {
  // What could not be recorded was refused for that very reason.
  if (refusal.code === 'AUDIT_UNAVAILABLE' || refusal.code === 'STORAGE_FULL') return
  const client = known(peer, parts)
  if (client === undefined && !parts.flood.failed(peer.address, true)) return
  const circumstances =
    client === undefined ? strangersCircumstances(peer, correlationId, parts) : circumstancesOf(client, correlationId)
  if (circumstances === undefined) return
  const target = client === undefined ? { id: circumstances.logSourceCRN, name: '' } : instanceTarget(client)
  try {
    await parts.audit.witness('hs-crypto.kmip-key.default', circumstances, target, (seen) => {
      seen.request.protocolVersion = `${version.major}.${version.minor}`
      if (client !== undefined) {
        seen.request.adapterId = client.adapter.id
        seen.request.certificateId = client.certificate.id
      }
      throw refusal
    })
  } catch (recorded) {
    if (recorded !== refusal)
      parts.log.warn({ correlationId, err: recorded }, 'a refused KMIP message could not be recorded')
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
