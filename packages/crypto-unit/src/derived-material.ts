/** Key material that is derived from other key material, both of which stay inside the unit. */
import { createHash, createHmac, diffieHellman, pbkdf2, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { openAsymmetric } from './asymmetric-key.ts'
import type { AgreementDerivation, Derivation, IteratedDerivation, PasswordDerivation } from './derivation.ts'
import { curveOf } from './ep11/ec/curves.ts'
import { setOddParity } from './fresh-material.ts'
import { applyKey, hashNames } from './key-application.ts'
import type { MacHash, MaterialForm } from './key-use.ts'
import { DERIVATION_ITERATIONS_MAX, FRESH_BYTES_MAX } from './protocol.ts'
import { UnitError } from './unit-error.ts'

const derivePassword = promisify(pbkdf2)

/**
 * The leftmost bytes of what the method gives. The caller zeroes base and result.
 * @throws UnitError `INVALID` when the method gives fewer, or what it is told does not fit; `LIMIT` for a size that no key has
 */
export async function derivedMaterial(
  base: Uint8Array,
  derivation: Derivation,
  count: number,
  form: MaterialForm,
): Promise<Buffer> {
  if (count < 1 || count > FRESH_BYTES_MAX) {
    throw new UnitError('LIMIT', `Derived key material has 1 to ${FRESH_BYTES_MAX} bytes.`)
  }
  const output = await outputOf(base, derivation, count)
  try {
    if (output.length < count) throw new UnitError('INVALID', 'The method does not give as many bytes.')
    const material = Buffer.from(output.subarray(0, count))
    if (form === 'des') setOddParity(material)
    return material
  } finally {
    output.fill(0)
  }
}

function outputOf(base: Uint8Array, derivation: Derivation, count: number): Promise<Uint8Array> | Uint8Array {
  switch (derivation.method) {
    case 'PBKDF2':
      return passwordBased(base, derivation, count)
    case 'HASH':
      return createHash(hashNames[derivation.hash]).update(base).digest()
    case 'HMAC':
      return macOf(base, derivation.hash, derivation.data)
    case 'ENCRYPT':
      return applyKey(base, derivation.use).data
    case 'ECDH':
      return agreedOn(base, derivation)
    default:
      return iterated(base, derivation, count)
  }
}

/** On a thread of OpenSSL: many iterations take their time. */
function passwordBased(
  base: Uint8Array,
  { hash, salt, iterations }: PasswordDerivation,
  count: number,
): Promise<Buffer> {
  if (iterations < 1 || iterations > DERIVATION_ITERATIONS_MAX) {
    throw new UnitError('INVALID', `A password is hashed 1 to ${DERIVATION_ITERATIONS_MAX} times.`)
  }
  return derivePassword(base, salt, iterations, count, hashNames[hash])
}

function iterated(base: Uint8Array, { method, hash, data, iv }: IteratedDerivation, count: number): Buffer {
  const blocks: Buffer[] = []
  const counter = Buffer.alloc(4)
  let chained: Uint8Array = method === 'NIST800-108-DPI' ? data : iv
  for (let length = 0; length < count; length = blocks.length * (blocks[0]?.length ?? 0)) {
    counter.writeUInt32BE(blocks.length + 1)
    if (method === 'NIST800-108-DPI') chained = macOf(base, hash, chained)
    const front = method === 'NIST800-108-C' ? [] : [chained]
    const block = macOf(base, hash, ...front, counter, data)
    blocks.push(block)
    if (method === 'NIST800-108-F') chained = block
  }
  const output = Buffer.concat(blocks)
  for (const block of blocks) block.fill(0)
  return output
}

function agreedOn(base: Uint8Array, { encoding, peer }: AgreementDerivation): Buffer {
  const { key: privateKey } = openAsymmetric(base, encoding)
  const { key: publicKey } = openAsymmetric(peer, 'spki')
  if (privateKey.type !== 'private' || !areOfOneCurve(privateKey, publicKey)) throw unagreeable()
  try {
    return diffieHellman({ privateKey, publicKey })
  } catch {
    throw unagreeable()
  }
}

function areOfOneCurve(one: KeyObject, other: KeyObject): boolean {
  if (one.asymmetricKeyType !== 'ec' || other.asymmetricKeyType !== 'ec') return false
  return curveOf(one) === curveOf(other)
}

function unagreeable(): UnitError {
  return new UnitError('INVALID', 'The keys do not agree on a secret.')
}

function macOf(key: Uint8Array, hash: MacHash, ...data: readonly Uint8Array[]): Buffer {
  const mac = createHmac(hashNames[hash], key)
  for (const piece of data) mac.update(piece)
  return mac.digest()
}
