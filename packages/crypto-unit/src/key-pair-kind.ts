/** Which key pair is to be made, as both sides of the pipe read and write it, and the making of it. */
import { curveOfParameters } from './ep11/ec/curves.ts'
import { generateEc } from './ep11/ec/ec-keys.ts'
import { Ep11Error } from './ep11/ep11-error.ts'
import type { KeyPair } from './ep11/key-pair.ts'
import { generateRsa } from './ep11/rsa/generate.ts'
import { ProtocolError, type Fields, type FrameBatch } from './frames.ts'
import { UnitError } from './unit-error.ts'

/** `curve`: as `curves.ts` of EP11 names it; only curves that sign by ECDSA. */
export type KeyPairKind =
  | { readonly type: 'rsa'; readonly modulusBits: number }
  | { readonly type: 'ec'; readonly curve: string }

const types = ['rsa', 'ec'] as const

/** F4, which every client of RSA keys takes. */
const PUBLIC_EXPONENT = 65_537n
const CURVE_CHARACTERS_MAX = 32

export function putKeyPairKind(request: FrameBatch, kind: KeyPairKind): void {
  request.u8(types.indexOf(kind.type))
  if (kind.type === 'rsa') request.u32(kind.modulusBits)
  else request.text(kind.curve)
}

/** @throws ProtocolError `MALFORMED` */
export function readKeyPairKind(request: Fields): KeyPairKind {
  const type = types[request.u8()]
  if (type === 'rsa') return { type, modulusBits: request.u32() }
  if (type === 'ec') return { type, curve: request.text(CURVE_CHARACTERS_MAX) }
  throw new ProtocolError('MALFORMED', 'A kind of key pairs is not known.')
}

/** @throws UnitError `INVALID` for a modulus or a curve that is not offered */
export async function makeKeyPair(kind: KeyPairKind): Promise<KeyPair> {
  try {
    if (kind.type === 'rsa') return await generateRsa(kind.modulusBits, PUBLIC_EXPONENT)
    const curve = curveOfParameters(Buffer.from(kind.curve, 'latin1'))
    if (curve.kind === 'weierstrass') return generateEc(curve)
  } catch (error) {
    if (!(error instanceof Ep11Error)) throw error
  }
  throw new UnitError('INVALID', 'Key pairs of this kind are not made.')
}
