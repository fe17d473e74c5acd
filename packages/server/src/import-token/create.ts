/** `import-token.create`: a key pair and a nonce for bringing key material in; the instance's token before it ends. */
import { uuidv7 } from '@keywitness/cadf'
import type { Operation } from '../audit.ts'
import { type JsonObject, type JsonValue, memberOf } from '../http/json.ts'
import { formatDate } from '../keys/date.ts'
import { optionalMembers } from '../keys/members.ts'
import type { KeyCall } from '../keys/parts.ts'
import { badField } from '../keys/refusals.ts'
import type { ImportTokenParts } from './parts.ts'
import { type ImportToken, nonceBytes, putImportToken, sealToken } from './token.ts'

export interface TokenWish {
  /** Seconds. */
  readonly expiration: number
  readonly maxAllowedRetrievals: number
}

/** Reference: kms-rest-api.md, section 7.8. */
export const tokenLimits = {
  expiration: { min: 300, max: 86_400, default: 600 },
  maxAllowedRetrievals: { min: 1, max: 500, default: 1 },
} as const

/**
 * The body of a creation; none, or an empty one, takes the defaults.
 * @throws Refusal `BAD_BODY_ERR`, `INVALID_FIELD_ERR` naming the member
 */
export function parseTokenWish(body: JsonValue | undefined): TokenWish {
  const members = optionalMembers(body)
  return {
    expiration: boundedOf(members, 'expiration'),
    maxAllowedRetrievals: boundedOf(members, 'maxAllowedRetrievals'),
  }
}

function boundedOf(members: JsonObject, name: keyof typeof tokenLimits): number {
  const bounds = tokenLimits[name]
  const value = memberOf(members, name) ?? bounds.default
  if (typeof value === 'number' && Number.isInteger(value) && value >= bounds.min && value <= bounds.max) return value
  throw badField(name, `${name} is a whole number from ${bounds.min} to ${bounds.max}.`)
}

export function createImportToken(
  call: KeyCall,
  wish: () => TokenWish,
  parts: ImportTokenParts,
): Operation<'hs-crypto.import-token.create', ImportToken> {
  return async (seen) => {
    const { caller, instance } = call
    parts.access.requireInstance(caller, instance, 'import-token', call.keyRing)
    const { expiration, maxAllowedRetrievals } = wish()
    seen.request.expirationSeconds = expiration
    const pair = await parts.makeKeyPair()
    // The time runs from when the token is there, not from when somebody began to wait for its key pair.
    const now = parts.clock.now()
    const id = uuidv7(now, parts.random(10))
    const nonce = parts.random(nonceBytes)
    const token: ImportToken = {
      instance: instance.guid,
      id,
      publicKey: pair.publicKey,
      ...sealToken(instance.guid, id, { privateKey: pair.privateKey, nonce }, parts.sealer),
      maxRetrievals: maxAllowedRetrievals,
      remainingRetrievals: maxAllowedRetrievals,
      createdAt: now,
      createdBy: caller.id,
      expiresAt: now + 1_000 * expiration,
    }
    seen.response.expirationDate = formatDate(token.expiresAt)
    seen.response.maxAllowedRetrievals = token.maxRetrievals
    return { result: token, code: 200, changes: [putImportToken(token)] }
  }
}
