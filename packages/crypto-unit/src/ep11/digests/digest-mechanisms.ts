/** The digest mechanisms: one shot by OpenSSL, in parts by running hashes, which HMAC runs over too. */
import { hash } from 'node:crypto'
import type { DigestMechanism } from '../mechanism-parts.ts'
import { mechanisms } from '../mechanisms.ts'
import {
  KeccakCompression,
  Sha1Compression,
  Sha256Compression,
  Sha512Compression,
  type Compression,
} from './compression.ts'
import { hashNames, type DigestName, type HashName } from './hash-names.ts'
import { RunningHash, type HashShape } from './running-hash.ts'

/** Of those that begin otherwise than the function they share (FIPS 180-4, sections 5.3.2, 5.3.4 and 5.3.6). */
const begins = {
  sha224: 'c1059ed8367cd5073070dd17f70e5939ffc00b316858151164f98fa7befa4fa4',
  sha384:
    'cbbb9d5dc1059ed8629a292a367cd5079159015a3070dd17152fecd8f70e593967332667ffc00b318eb44a8768581511db0c2e0d64f98fa747b5481dbefa4fa4',
  sha512Of224:
    '8c3d37c819544da273e1996689dcd4d61dfab7ae32ff9c82679dd514582f9fcf0f6d2b697bd44da877e36f7304c489423f9d85a86a1d36c81112e6ad91d692a1',
  sha512Of256:
    '22312194fc2bf72c9f555fa3c84c64c22393b86b6f53b151963877195940eabd96283ee2a88effe3be5e1e25538639922b0199fc2c85b8aa0eb72ddc81c52ca2',
}

type Family = Pick<HashShape, 'begin' | 'padding'>

const sha512Of224 = merkleDamgard(() => new Sha512Compression(), begins.sha512Of224)
const sha512Of256 = merkleDamgard(() => new Sha512Compression(), begins.sha512Of256)

const families: Readonly<Record<DigestName, Family>> = {
  CKM_SHA_1: merkleDamgard(() => new Sha1Compression()),
  CKM_SHA224: merkleDamgard(() => new Sha256Compression(), begins.sha224),
  CKM_SHA256: merkleDamgard(() => new Sha256Compression()),
  CKM_SHA384: merkleDamgard(() => new Sha512Compression(), begins.sha384),
  CKM_SHA512: merkleDamgard(() => new Sha512Compression()),
  CKM_SHA512_224: sha512Of224,
  CKM_IBM_SHA512_224: sha512Of224,
  CKM_SHA512_256: sha512Of256,
  CKM_IBM_SHA512_256: sha512Of256,
  CKM_IBM_SHA3_224: sponge(144),
  CKM_IBM_SHA3_256: sponge(136),
  CKM_IBM_SHA3_384: sponge(104),
  CKM_IBM_SHA3_512: sponge(72),
}

const shapes: ReadonlyMap<number, HashShape> = new Map(
  (Object.entries(families) as [DigestName, Family][]).map(([name, family]) => {
    const { value } = mechanisms[name]
    const { bytes, blockBytes } = hashNames.get(value) as HashName
    return [value, { ...family, bytes, blockBytes }]
  }),
)

/** By CKM_ value. */
export const digestMechanisms: ReadonlyMap<number, DigestMechanism> = new Map(
  [...hashNames].map(([value, { name }]) => [
    value,
    {
      start: () => startHash(value, value),
      restore(saved: Buffer) {
        const running = startHash(value, value)
        running.resume(saved)
        return running
      },
      digest: (data: Uint8Array) => hash(name, data, 'buffer'),
    },
  ]),
)

/** A hash of a digest mechanism that runs for any mechanism; saved states carry the latter's value. */
export function startHash(digest: number, mechanism: number): RunningHash {
  return new RunningHash(mechanism, shapes.get(digest) as HashShape)
}

function merkleDamgard(make: () => Compression, begin?: string): Family {
  if (begin === undefined) return { begin: make, padding: 'length' }
  return {
    begin() {
      const compression = make()
      compression.write(Buffer.from(begin, 'hex'))
      return compression
    },
    padding: 'length',
  }
}

function sponge(rateBytes: number): Family {
  return { begin: () => new KeccakCompression(rateBytes), padding: 'sponge' }
}
