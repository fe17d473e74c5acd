/** The curves that EP11 keys are on, by object identifier and by name (reference grep11, section 11). */
import type { KeyObject } from 'node:crypto'
import { keyTypes } from '../attributes.ts'
import { objectIdentifier } from '../der.ts'
import { Ep11Error } from '../ep11-error.ts'
import type { AsymmetricKey } from '../usable-key.ts'

interface CurveFacts {
  /** As `CKA_EC_PARAMS` takes it in ASCII, in this or other case. */
  readonly name: string
  /** The whole element of the object identifier in DER: `CKA_EC_PARAMS` as it is given out. */
  readonly oid: Buffer
  /** What Node calls the curve, or the kind of key. */
  readonly node: string
  /** The size that mechanisms and audit events name. */
  readonly bits: number
}

/** y² = x³ + ax + b over a prime field, the group of prime order. */
export interface WeierstrassCurve extends CurveFacts {
  readonly kind: 'weierstrass'
  /** Of a coordinate, and of a number modulo the order: on these curves both have as many bits. */
  readonly bytes: number
  readonly prime: bigint
  readonly order: bigint
}

/** For signatures by RFC 8032. */
export interface EdwardsCurve extends CurveFacts {
  readonly kind: 'edwards'
  /** Of a public key, and of a private one. */
  readonly bytes: number
}

/** For agreement by RFC 7748. */
export interface MontgomeryCurve extends CurveFacts {
  readonly kind: 'montgomery'
  readonly bytes: number
}

export type Curve = WeierstrassCurve | EdwardsCurve | MontgomeryCurve

/** SEC 2, section 2; FIPS 186-4, appendix D: name, object identifier, Node's name, bits, prime, order. */
const nistCurves: readonly (readonly [string, string, string, number, bigint, bigint])[] = [
  [
    'P-192',
    '1.2.840.10045.3.1.1',
    'prime192v1',
    192,
    0xfffffffffffffffffffffffffffffffeffffffffffffffffn,
    0xffffffffffffffffffffffff99def836146bc9b1b4d22831n,
  ],
  [
    'P-224',
    '1.3.132.0.33',
    'secp224r1',
    224,
    0xffffffffffffffffffffffffffffffff000000000000000000000001n,
    0xffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3dn,
  ],
  [
    'P-256',
    '1.2.840.10045.3.1.7',
    'prime256v1',
    256,
    0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ],
  [
    'P-384',
    '1.3.132.0.34',
    'secp384r1',
    384,
    0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ],
  [
    'P-521',
    '1.3.132.0.35',
    'secp521r1',
    521,
    0x1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffn,
    0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  ],
  [
    'SECP256K1',
    '1.3.132.0.10',
    'secp256k1',
    256,
    0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn,
    0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
  ],
]

/** RFC 5639, section 3: bits, prime and order, which the regular and the twisted curve of a size have in common. */
const brainpoolFields = [
  [160, 0xe95e4a5f737059dc60dfc7ad95b3d8139515620fn, 0xe95e4a5f737059dc60df5991d45029409e60fc09n],
  [192, 0xc302f41d932a36cda7a3463093d18db78fce476de1a86297n, 0xc302f41d932a36cda7a3462f9e9e916b5be8f1029ac4acc1n],
  [
    224,
    0xd7c134aa264366862a18302575d1d787b09f075797da89f57ec8c0ffn,
    0xd7c134aa264366862a18302575d0fb98d116bc4b6ddebca3a5a7939fn,
  ],
  [
    256,
    0xa9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377n,
    0xa9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7n,
  ],
  [
    320,
    0xd35e472036bc4fb7e13c785ed201e065f98fcfa6f6f40def4f92b9ec7893ec28fcd412b1f1b32e27n,
    0xd35e472036bc4fb7e13c785ed201e065f98fcfa5b68f12a32d482ec7ee8658e98691555b44c59311n,
  ],
  [
    384,
    0x8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53n,
    0x8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565n,
  ],
  [
    512,
    0xaadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca703308717d4d9b009bc66842aecda12ae6a380e62881ff2f2d82c68528aa6056583a48f3n,
    0xaadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870553e5c414ca92619418661197fac10471db1d381085ddaddb58796829ca90069n,
  ],
] as const

const brainpoolVersionOne = '1.3.36.3.3.2.8.1.1'

/** RFC 8410, section 3. */
const modernCurves: readonly (EdwardsCurve | MontgomeryCurve)[] = [
  {
    kind: 'montgomery',
    name: 'curve25519',
    oid: objectIdentifier('1.3.101.110'),
    node: 'x25519',
    bits: 256,
    bytes: 32,
  },
  { kind: 'montgomery', name: 'x448', oid: objectIdentifier('1.3.101.111'), node: 'x448', bits: 448, bytes: 56 },
  { kind: 'edwards', name: 'ed25519', oid: objectIdentifier('1.3.101.112'), node: 'ed25519', bits: 256, bytes: 32 },
  { kind: 'edwards', name: 'ed448', oid: objectIdentifier('1.3.101.113'), node: 'ed448', bits: 448, bytes: 57 },
]

function weierstrass(
  name: string,
  oid: string,
  node: string,
  bits: number,
  prime: bigint,
  order: bigint,
): WeierstrassCurve {
  return { kind: 'weierstrass', name, oid: objectIdentifier(oid), node, bits, bytes: Math.ceil(bits / 8), prime, order }
}

export const curves: readonly Curve[] = [
  ...nistCurves.map((facts) => weierstrass(...facts)),
  ...brainpoolFields.flatMap(([bits, prime, order], place) => [
    weierstrass(`BP-${bits}R`, `${brainpoolVersionOne}.${2 * place + 1}`, `brainpoolP${bits}r1`, bits, prime, order),
    weierstrass(`BP-${bits}T`, `${brainpoolVersionOne}.${2 * place + 2}`, `brainpoolP${bits}t1`, bits, prime, order),
  ]),
  ...modernCurves,
]

const byOid = new Map(curves.map((curve) => [curve.oid.toString('hex'), curve]))
const byName = new Map(curves.map((curve) => [curve.name.toUpperCase(), curve]))
const byNodeName = new Map(curves.map((curve) => [curve.node, curve]))

/** Of `CKA_EC_PARAMS`: an object identifier in DER, or a name in ASCII. @throws Ep11Error `CKR_CURVE_NOT_SUPPORTED` */
export function curveOfParameters(parameters: Uint8Array): Curve {
  const bytes = Buffer.from(parameters.buffer, parameters.byteOffset, parameters.length)
  const curve = byOid.get(bytes.toString('hex')) ?? byName.get(bytes.toString('latin1').toUpperCase())
  if (curve === undefined) throw curveNotSupported()
  return curve
}

/** Each time they are asked, Node makes the details of a key anew. */
const known = new WeakMap<KeyObject, Curve>()

/** @throws Ep11Error `CKR_KEY_TYPE_INCONSISTENT` for a key on no curve, `CKR_CURVE_NOT_SUPPORTED` for one on another */
export function curveOf(key: KeyObject): Curve {
  const curve = known.get(key) ?? readCurve(key)
  known.set(key, curve)
  return curve
}

function readCurve(key: KeyObject): Curve {
  const { asymmetricKeyType: type = 'none', asymmetricKeyDetails: details } = key
  const curve = byNodeName.get(type === 'ec' ? (details?.namedCurve ?? '') : type)
  if (curve !== undefined) return curve
  if (type === 'ec') throw curveNotSupported()
  throw keyTypeInconsistent()
}

/** Of a key that a mechanism for curves of one kind is to use. @throws Ep11Error as `curveOf`, for another kind too */
export function curveOfUsable<Kind extends Curve['kind']>(
  { keyType, key }: AsymmetricKey,
  kind: Kind,
): Extract<Curve, { readonly kind: Kind }> {
  if (keyType !== keyTypes.CKK_EC) throw keyTypeInconsistent()
  const curve = curveOf(key)
  if (curve.kind !== kind) throw curveNotSupported()
  return curve as Extract<Curve, { readonly kind: Kind }>
}

function keyTypeInconsistent(): Ep11Error {
  return new Ep11Error('CKR_KEY_TYPE_INCONSISTENT', 'The key is not on an elliptic curve.')
}

export function curveNotSupported(): Ep11Error {
  return new Ep11Error('CKR_CURVE_NOT_SUPPORTED', 'The curve is not one that can be used here.')
}
