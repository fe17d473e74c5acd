/** The keys that sign tokens: RSA 2048, private halves sealed in the store, public halves published as JWKS. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type JsonWebKeyInput,
  type KeyObject,
} from 'node:crypto'
import { promisify } from 'node:util'
import type { Sealer } from '../seal.ts'
import type { Change, Reader } from '../store/store.ts'

/** Public key as RFC 7517 has it, with the members IAM's own `/identity/keys` shows. */
interface PublicJwk {
  readonly kty: 'RSA'
  readonly n: string
  readonly e: string
  readonly alg: 'RS256'
  readonly use: 'sig'
  readonly kid: string
}

export interface SigningKeys {
  /** The newest one. @throws when the store has none: bootstrap makes the first. */
  current(): { readonly kid: string; readonly privateKey: KeyObject }
  /** Public half of a key of ours, by its id. */
  verifier(kid: string): KeyObject | undefined
  published(): PublicJwk[]
}

const modulusBits = 2048
const kidPattern = /^[A-Za-z0-9_-]{43}$/

/** Keys once opened stay open; which one is current is read from the store each time. */
export function openSigningKeys(reader: Reader, sealer: Sealer): SigningKeys {
  const privateKeys = new Map<string, KeyObject>()
  const publicKeys = new Map<string, KeyObject>()
  return {
    current() {
      const newest = reader.get<{ kid: string; sealed: Uint8Array }>(
        'SELECT kid, sealed FROM signing_keys ORDER BY created_at DESC, kid LIMIT 1',
      )
      if (newest === undefined) throw new Error('there is no key to sign tokens with')
      let privateKey = privateKeys.get(newest.kid)
      if (privateKey === undefined) {
        const der = sealer.open(sealName(newest.kid), newest.sealed)
        privateKey = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' })
        der.fill(0)
        privateKeys.set(newest.kid, privateKey)
      }
      return { kid: newest.kid, privateKey }
    },
    verifier(kid) {
      if (!kidPattern.test(kid)) return undefined
      let publicKey = publicKeys.get(kid)
      if (publicKey === undefined) {
        const row = reader.get<{ public_jwk: string }>('SELECT public_jwk FROM signing_keys WHERE kid = ?', kid)
        if (row === undefined) return undefined
        publicKey = createPublicKey({ key: JSON.parse(row.public_jwk) as JsonWebKeyInput['key'], format: 'jwk' })
        publicKeys.set(kid, publicKey)
      }
      return publicKey
    },
    published: () =>
      reader
        .all<{ public_jwk: string }>('SELECT public_jwk FROM signing_keys ORDER BY created_at DESC, kid')
        .map((row) => JSON.parse(row.public_jwk) as PublicJwk),
  }
}

const generate = promisify(generateKeyPair)

/** A new signing key, as the change that stores it. */
export async function newSigningKey(sealer: Sealer, now: number): Promise<Change> {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: modulusBits })
  const { n, e } = publicKey.export({ format: 'jwk' })
  if (n === undefined || e === undefined) throw new Error('an RSA key without modulus or exponent')
  // RFC 7638: the thumbprint is the hash of exactly these members in this order.
  const kid = createHash('sha256')
    .update(JSON.stringify({ e, kty: 'RSA', n }))
    .digest('base64url')
  const jwk: PublicJwk = { kty: 'RSA', n, e, alg: 'RS256', use: 'sig', kid }
  const der = privateKey.export({ format: 'der', type: 'pkcs8' })
  const sealed = sealer.seal(sealName(kid), der)
  der.fill(0)
  return {
    sql: 'INSERT INTO signing_keys (kid, public_jwk, sealed, created_at) VALUES (?, ?, ?, ?)',
    params: [kid, JSON.stringify(jwk), sealed, now],
    rows: 1,
  }
}

function sealName(kid: string): string {
  return `signing-key/${kid}`
}
