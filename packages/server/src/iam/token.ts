/** Access tokens: RS256 JWTs with IAM's claims; signed here, verified here, their verified signatures cached. */
import { hash } from 'node:crypto'
import { CompactSign, compactVerify } from 'jose'
import type { PresentedApiKey } from './api-keys.ts'
import { bareIdentityId, realmOf } from './names.ts'
import type { SigningKeys } from './signing-keys.ts'

export const tokenLifetimeS = 3_600

/** Longest token looked at; ours have about 1,100 characters. */
const tokenCharsMax = 4_096
/** Verified tokens remembered; beyond, the oldest goes and would be verified again. */
const verifiedTokensMax = 10_000
/** Of these, how many are known by their very text, which is quicker to find than by a digest and takes more room. */
const textsMax = 500

/** What a token of ours says. */
export interface TokenClaims {
  readonly identity: string
  readonly account: string
  /** Id of the API key it was issued for: the token ends with the key. */
  readonly apiKey: string
  /** Seconds since the epoch. */
  readonly expiresAt: number
}

/** IAM's claims (reference: kms-rest-api.md, section 3.4). `apikey_id` is ours. */
export async function signToken(
  keys: SigningKeys,
  issuer: string,
  key: PresentedApiKey,
  now: number,
  tokenId: string,
): Promise<{ token: string; expiration: number }> {
  const iat = Math.floor(now / 1_000)
  const exp = iat + tokenLifetimeS
  const isService = key.identityKind === 'serviceId'
  const bare = bareIdentityId(key.identity)
  const claims = {
    iam_id: key.identity,
    id: key.identity,
    realmid: realmOf(key.identity),
    jti: tokenId,
    identifier: bare,
    name: key.identityName,
    ...(key.email === null ? {} : { email: key.email }),
    sub: isService ? bare : (key.email ?? bare),
    ...(isService ? { sub_type: 'ServiceId' } : {}),
    account: { valid: true, bss: key.account, frozen: false },
    apikey_id: key.id,
    iat,
    exp,
    iss: issuer,
    grant_type: 'urn:ibm:params:oauth:grant-type:apikey',
    scope: 'ibm openid',
    client_id: 'default',
    acr: 1,
    amr: ['pwd'],
  }
  const { kid, privateKey } = keys.current()
  const token = await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ kid, alg: 'RS256' })
    .sign(privateKey)
  return { token, expiration: exp }
}

export interface TokenVerifier {
  /** The claims of a token whose signature is ours, expired or not; undefined for anything else. */
  verify(token: string): Promise<TokenClaims | undefined>
}

/** Cheap checks come first: a flood of garbage costs no signature work. */
export function createTokenVerifier(keys: SigningKeys, issuer: string, now: () => number): TokenVerifier {
  const verified = new Map<string, TokenClaims>()
  const texts = new Map<string, TokenClaims>()
  const keep = (token: string, claims: TokenClaims): TokenClaims => {
    if (texts.size >= textsMax) texts.clear()
    texts.set(token, claims)
    return claims
  }
  return {
    async verify(token) {
      const recent = texts.get(token)
      if (recent !== undefined) return recent
      const digest = hash('sha256', token, 'base64url')
      const known = verified.get(digest)
      if (known !== undefined) return keep(token, known)
      const parts = readUnverified(token, issuer)
      const key = parts === undefined ? undefined : keys.verifier(parts.kid)
      if (parts === undefined || key === undefined) return undefined
      try {
        await compactVerify(token, key, { algorithms: ['RS256'] })
      } catch {
        return undefined
      }
      if (parts.claims.expiresAt * 1_000 > now()) {
        if (verified.size >= verifiedTokensMax) {
          for (const oldest of verified.keys()) {
            verified.delete(oldest)
            break
          }
        }
        verified.set(digest, parts.claims)
      }
      return parts.claims
    },
  }
}

const shape = /^[\w-]{20,600}\.[\w-]{20,3800}\.[\w-]{342}$/

/** Reads header and claims without believing them: undefined unless the form is exactly that of our tokens. */
function readUnverified(token: string, issuer: string): { kid: string; claims: TokenClaims } | undefined {
  if (token.length > tokenCharsMax || !shape.test(token)) return undefined
  const [head, body] = token.split('.')
  const header = decode(head)
  const claims = decode(body)
  if (header === undefined || claims === undefined) return undefined
  if (header['alg'] !== 'RS256' || typeof header['kid'] !== 'string' || Object.hasOwn(header, 'crit')) return undefined
  const account = claims['account'] as Record<string, unknown> | null | undefined
  const { iam_id: identity, apikey_id: apiKey, exp: expiresAt, iss } = claims
  if (typeof identity !== 'string' || typeof apiKey !== 'string' || typeof account?.['bss'] !== 'string')
    return undefined
  if (typeof expiresAt !== 'number' || !Number.isSafeInteger(expiresAt) || iss !== issuer) return undefined
  return { kid: header['kid'], claims: { identity, apiKey, account: account['bss'], expiresAt } }
}

function decode(part: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
