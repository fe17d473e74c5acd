/** Agreement on elliptic curves: the x-coordinate, or the shared bytes of RFC 7748, as they are or through ANSI X9.63. */
import { createHash, diffieHellman, type KeyObject } from 'node:crypto'
import { DerReader, tags } from '../../tke/der.ts'
import { Ep11Error } from '../ep11-error.ts'
import { mechanisms } from '../mechanisms.ts'
import type { MechanismParameter } from '../parameter.ts'
import type { AsymmetricKey } from '../usable-key.ts'
import { curveNotSupported, curveOfUsable, type Curve } from './curves.ts'
import { publicKeyOfPoint } from './ec-keys.ts'

/** As many as a generic secret of the longest kind has bytes. */
const DERIVED_BYTES_MAX = 256

/** KDF of the schema, by the hash that Node knows it by (reference grep11, section 3); the null one has none. */
const kdfHashes = new Map<number, string | undefined>([
  [0, undefined],
  [1, undefined],
  [2, 'sha1'],
  [5, 'sha224'],
  [6, 'sha256'],
  [7, 'sha384'],
  [8, 'sha512'],
])

/** Which curves each mechanism agrees on. */
const agreements = new Map<number, (key: AsymmetricKey) => Curve>([
  [mechanisms.CKM_ECDH1_DERIVE.value, (key) => curveOfUsable(key, 'weierstrass')],
  [mechanisms.CKM_IBM_EC_X25519.value, (key) => montgomeryCurve(key, 'x25519')],
  [mechanisms.CKM_IBM_EC_X448.value, (key) => montgomeryCurve(key, 'x448')],
])

/**
 * The derived bytes, which the caller zeroes. Without a KDF they are the shared secret, of which leading bytes are removed
 * when fewer are asked for; with one, as many as asked for, or as its hash has.
 * @param mechanism a CKM_ value
 * @param parameter the peer's point as it is or in an OCTET STRING, or ECDH1DeriveParm
 * @throws Ep11Error `CKR_MECHANISM_INVALID`, `CKR_MECHANISM_PARAM_INVALID` for a peer on no curve too, `CKR_KEY_SIZE_RANGE`,
 * `CKR_KEY_TYPE_INCONSISTENT`, `CKR_CURVE_NOT_SUPPORTED`
 */
export function ecdhDerive(
  mechanism: number,
  key: AsymmetricKey,
  parameter: MechanismParameter,
  derivedBytes?: number,
): Buffer {
  const curve = agreements.get(mechanism)?.(key)
  if (curve === undefined) throw new Ep11Error('CKR_MECHANISM_INVALID', 'The mechanism agrees on no curve.')
  const { peer, hash, shared } = partsOf(parameter)
  const secret = agree(key.key, publicKeyOfPeer(curve, peer))
  const wanted = derivedBytes ?? (hash === undefined ? secret.length : createHash(hash).digest().length)
  const most = hash === undefined ? secret.length : DERIVED_BYTES_MAX
  if (wanted < 1 || wanted > most) {
    secret.fill(0)
    throw new Ep11Error('CKR_KEY_SIZE_RANGE', `From this agreement come 1 to ${most} bytes.`)
  }
  const derived =
    hash === undefined ? Buffer.from(secret.subarray(secret.length - wanted)) : x963(hash, secret, shared, wanted)
  secret.fill(0)
  return derived
}

interface Parts {
  readonly peer: Buffer
  /** Undefined: no KDF. */
  readonly hash: string | undefined
  readonly shared: Buffer
}

function partsOf(parameter: MechanismParameter): Parts {
  if (parameter.kind === 'bytes') return { peer: parameter.bytes, hash: undefined, shared: Buffer.alloc(0) }
  if (parameter.kind !== 'ecdh' || !kdfHashes.has(parameter.kdf)) {
    throw parameterInvalid('The mechanism takes a public value, with a KDF that is offered.')
  }
  const { peer, shared } = parameter
  const hash = kdfHashes.get(parameter.kdf)
  if (hash === undefined && shared.length > 0) throw parameterInvalid('Without a KDF no shared data are taken.')
  return { peer, hash, shared }
}

/** The forms differ in length, so one cannot be taken for another. */
function publicKeyOfPeer(curve: Curve, peer: Buffer): KeyObject {
  const pointBytes = curve.kind === 'weierstrass' ? 1 + 2 * curve.bytes : curve.bytes
  try {
    return publicKeyOfPoint(curve, peer.length === pointBytes ? peer : contentsOf(peer))
  } catch {
    throw parameterInvalid('The public value is not one of the key’s curve.')
  }
}

function contentsOf(der: Buffer): Buffer {
  const reader = new DerReader(der)
  const point = reader.take(tags.OCTET_STRING)
  reader.end()
  return point
}

/** OpenSSL refuses public values of low order, whose secret is zero (RFC 7748, section 6). */
function agree(privateKey: KeyObject, publicKey: KeyObject): Buffer {
  try {
    return diffieHellman({ privateKey, publicKey })
  } catch {
    throw parameterInvalid('With this public value there is no secret.')
  }
}

/** ANSI X9.63 (SEC 1, 3.6.1): hashes of secret, counter from 1 and shared data, one behind the other. */
function x963(hash: string, secret: Buffer, shared: Buffer, bytes: number): Buffer {
  const derived = Buffer.alloc(bytes)
  const counter = Buffer.alloc(4)
  for (let at = 0; at < bytes;) {
    counter.writeUInt32BE(counter.readUInt32BE() + 1)
    const block = createHash(hash).update(secret).update(counter).update(shared).digest()
    at += block.copy(derived, at)
    block.fill(0)
  }
  return derived
}

function montgomeryCurve(key: AsymmetricKey, node: 'x25519' | 'x448'): Curve {
  const curve = curveOfUsable(key, 'montgomery')
  if (curve.node !== node) throw curveNotSupported()
  return curve
}

function parameterInvalid(message: string): Ep11Error {
  return new Ep11Error('CKR_MECHANISM_PARAM_INVALID', message)
}
