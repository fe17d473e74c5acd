/** DSA: vectors of NIST and Wycheproof, key pairs of given parameters, OpenSSL as the second implementation, what is refused. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { asKey, ckm, noParameter, vectors } from '../../testing/asymmetric-keys.ts'
import { openssl } from '../../testing/openssl.ts'
import { element, sequence, tags } from '../../tke/der.ts'
import {
  algorithmIdentifier,
  parametersOf,
  privateKeyInfo,
  publicKeyInfo,
  readPublicKeyInfo,
  unsignedInteger,
} from '../der.ts'
import { hashOf } from '../digests/hash-names.ts'
import type { SignatureMechanism } from '../mechanism-parts.ts'
import { generateDsa } from './generate.ts'
import { dsaSignatures } from './signatures.ts'
import { asyncRefusalOf, refusalOf } from '../../testing/refusals.ts'

interface CavpFile {
  readonly signatureVerification: readonly {
    readonly hash: string
    readonly p: string
    readonly q: string
    readonly g: string
    readonly tests: readonly {
      readonly message: string
      readonly x: string
      readonly y: string
      readonly r: string
      readonly s: string
      readonly isValid: boolean
      readonly why?: string
    }[]
  }[]
}

interface WycheproofFile {
  readonly signatureVerification: readonly {
    readonly file: string
    readonly hash: string
    readonly publicKey: string
    readonly tests: readonly {
      readonly tcId: number
      readonly comment: string
      readonly message: string
      readonly signature: string
      readonly isValid: boolean
    }[]
  }[]
}

const cavp = vectors<CavpFile>('dsa/cavp.json')
const wycheproof = vectors<WycheproofFile>('dsa/wycheproof.json')
const pair = generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 })
const privateKey = asKey('CKK_DSA', pair.privateKey)
const publicKey = asKey('CKK_DSA', pair.publicKey)
const parameters = parametersOf(readPublicKeyInfo(pair.publicKey.export({ format: 'der', type: 'spki' })).algorithm)
const raw = mechanism('DSA')
const sha1 = mechanism('DSA_SHA1')
const message = Buffer.from('what is signed')

function mechanism(name: string): SignatureMechanism {
  const found = dsaSignatures.get(ckm(name))
  if (found === undefined) throw new Error(`${name} is not there.`)
  return found
}

function digest(hash: string, data: Uint8Array): Buffer {
  return createHash(hashOf(ckm(hash))?.name ?? hash)
    .update(data)
    .digest()
}

function verdict(verifying: () => void): string {
  try {
    verifying()
    return 'valid'
  } catch {
    return 'refused'
  }
}

function integer(hex: string): Buffer {
  return unsignedInteger(Buffer.from(hex, 'hex'))
}

function algorithm(p: string, q: string, g: string): Buffer {
  return algorithmIdentifier(Buffer.from('2a8648ce380401', 'hex'), sequence(integer(p), integer(q), integer(g)))
}

/** r and s as DER has them, for OpenSSL's command line. */
function asDer(signature: Buffer): Buffer {
  const half = signature.length / 2
  return sequence(unsignedInteger(signature.subarray(0, half)), unsignedInteger(signature.subarray(half)))
}

describe.each(cavp.signatureVerification)('NIST CAVP with $hash', ({ hash, p, q, g, tests }) => {
  test.each(tests)('$why', ({ message: hex, x, y, r, s, isValid }) => {
    const spki = publicKeyInfo(algorithm(p, q, g), integer(y))
    const key = asKey('CKK_DSA', createPublicKey({ key: spki, format: 'der', type: 'spki' }))
    const made = digest(hash, Buffer.from(hex, 'hex'))
    const signature = Buffer.from(r.padStart(q.length, '0') + s.padStart(q.length, '0'), 'hex')
    const expected = isValid ? 'valid' : 'refused'
    expect(verdict(() => raw.verify(key, noParameter, made, signature))).toBe(expected)
    const info = privateKeyInfo(algorithm(p, q, g), integer(x))
    const own = createPrivateKey({ key: info, format: 'der', type: 'pkcs8' })
    const ownPublic = asKey('CKK_DSA', createPublicKey(own))
    raw.verify(ownPublic, noParameter, made, raw.sign(asKey('CKK_DSA', own), noParameter, made))
  })
})

test('NIST’s signatures over SHA-1 verify in one call and over a finished digest', () => {
  const group = cavp.signatureVerification.find(({ hash }) => hash === 'SHA_1')
  for (const { message: hex, y, r, s, isValid } of group?.tests ?? []) {
    const spki = publicKeyInfo(algorithm(group?.p ?? '', group?.q ?? '', group?.g ?? ''), integer(y))
    const key = asKey('CKK_DSA', createPublicKey({ key: spki, format: 'der', type: 'spki' }))
    const [data, signature] = [Buffer.from(hex, 'hex'), Buffer.from(r.padStart(40, '0') + s.padStart(40, '0'), 'hex')]
    const expected = isValid ? 'valid' : 'refused'
    expect(verdict(() => sha1.verify(key, noParameter, data, signature))).toBe(expected)
    expect(verdict(() => sha1.digested?.verify(key, noParameter, digest('SHA_1', data), signature))).toBe(expected)
  }
  expect(group?.tests.length).toBe(6)
})

test.each(wycheproof.signatureVerification)('Wycheproof $file', ({ hash, publicKey: spki, tests }) => {
  const opened = createPublicKey({ key: Buffer.from(spki, 'hex'), format: 'der', type: 'spki' })
  const key = asKey('CKK_DSA', opened)
  for (const { tcId, comment, message: hex, signature, isValid } of tests) {
    const made = digest(hash, Buffer.from(hex, 'hex'))
    const found = verdict(() => raw.verify(key, noParameter, made, Buffer.from(signature, 'hex')))
    expect(found, `${tcId} ${comment}`).toBe(isValid ? 'valid' : 'refused')
  }
})

describe.each([
  [1024, 160],
  [2048, 224],
  [2048, 256],
])('keys of %d and %d bits', (modulusLength, divisorLength) => {
  const own = generateKeyPairSync('dsa', { modulusLength, divisorLength })
  const [ownPrivate, ownPublic] = [asKey('CKK_DSA', own.privateKey), asKey('CKK_DSA', own.publicKey)]

  test.each(['SHA_1', 'SHA224', 'SHA256', 'SHA384', 'SHA512'])(
    'a digest of %s is signed as Node signs its data, and the other way round',
    (hash) => {
      const name = hashOf(ckm(hash))?.name ?? ''
      for (let count = 0; count < 4; count++) {
        const signature = raw.sign(ownPrivate, noParameter, digest(hash, message))
        expect(signature.length).toBe(divisorLength / 4)
        expect(verify(name, message, { key: own.publicKey, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true)
        const theirs = sign(name, message, { key: own.privateKey, dsaEncoding: 'ieee-p1363' })
        raw.verify(ownPublic, noParameter, digest(hash, message), theirs)
      }
    },
  )

  test('OpenSSL’s command line verifies a signature over a digest', () => {
    const given = digest('SHA256', message)
    const signature = asDer(raw.sign(ownPrivate, noParameter, given))
    const key = own.publicKey.export({ format: 'pem', type: 'spki' })
    const said = openssl(
      { key, given, signature },
      ...'pkeyutl -verify -pubin -inkey key -in given -sigfile signature'.split(' '),
    )
    expect(said.toString()).toContain('Signature Verified Successfully')
  })
})

test('SHA-1 in one call and over a finished digest are verified by each other', () => {
  const one = sha1.sign(privateKey, noParameter, message)
  const finished = sha1.digested?.sign(privateKey, noParameter, digest('SHA_1', message)) ?? Buffer.of()
  expect(sha1.digested?.digest).toBe(ckm('SHA_1'))
  for (const signature of [one, finished]) {
    expect(signature.length).toBe(64)
    sha1.verify(publicKey, noParameter, message, signature)
    sha1.digested?.verify(publicKey, noParameter, digest('SHA_1', message), signature)
    raw.verify(publicKey, noParameter, digest('SHA_1', message), signature)
  }
  expect(one.subarray(0, 32)).not.toEqual(finished.subarray(0, 32))
})

test('of data longer than Q its leftmost bytes are signed, and data of any length but none', () => {
  for (const length of [1, 20, 32, 33, 64, 500]) {
    const data = Buffer.alloc(length, 0xa5)
    raw.verify(publicKey, noParameter, data, raw.sign(privateKey, noParameter, data))
  }
  const long = raw.sign(privateKey, noParameter, Buffer.alloc(64, 1))
  raw.verify(publicKey, noParameter, Buffer.alloc(32, 1), long)
  expect(refusalOf(() => raw.verify(publicKey, noParameter, Buffer.alloc(31, 1), long))).toBe('CKR_SIGNATURE_INVALID')
  expect(refusalOf(() => raw.sign(privateKey, noParameter, Buffer.of()))).toBe('CKR_DATA_LEN_RANGE')
  expect(refusalOf(() => raw.verify(publicKey, noParameter, Buffer.of(), long))).toBe('CKR_DATA_LEN_RANGE')
})

describe.each([
  ['CKM_DSA', raw, digest('SHA256', message)],
  ['CKM_DSA_SHA1', sha1, message],
] as const)('%s', (_name, found, data) => {
  test('refuses what is altered or cut, and numbers out of range', () => {
    const signature = found.sign(privateKey, noParameter, data)
    for (const at of [0, 31, 32, 63]) {
      const altered = Buffer.from(signature)
      altered[at] = (altered[at] as number) ^ 1
      expect(refusalOf(() => found.verify(publicKey, noParameter, data, altered))).toBe('CKR_SIGNATURE_INVALID')
    }
    for (const halves of [Buffer.alloc(64), Buffer.alloc(64, 0xff)]) {
      for (const [r, s] of [
        [halves, signature],
        [signature, halves],
      ]) {
        const wrong = Buffer.concat([r?.subarray(0, 32) ?? Buffer.of(), s?.subarray(32) ?? Buffer.of()])
        expect(refusalOf(() => found.verify(publicKey, noParameter, data, wrong))).toBe('CKR_SIGNATURE_INVALID')
      }
    }
    for (const length of [0, 40, 63, 65]) {
      const wrong = Buffer.concat([signature, Buffer.of(0)]).subarray(0, length)
      expect(refusalOf(() => found.verify(publicKey, noParameter, data, wrong))).toBe('CKR_SIGNATURE_LEN_RANGE')
    }
  })

  test('refuses keys of another type or size, parameters, and signing with a public key', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
    for (const key of [asKey('CKK_RSA', rsa), asKey('CKK_DSA', rsa), asKey('CKK_RSA', pair.privateKey)]) {
      expect(refusalOf(() => found.check(key, noParameter))).toBe('CKR_KEY_TYPE_INCONSISTENT')
      expect(refusalOf(() => found.sign(key, noParameter, data))).toBe('CKR_KEY_TYPE_INCONSISTENT')
      expect(refusalOf(() => found.verify(key, noParameter, data, data))).toBe('CKR_KEY_TYPE_INCONSISTENT')
    }
    expect(refusalOf(() => found.sign(publicKey, noParameter, data))).toBe('CKR_KEY_TYPE_INCONSISTENT')
    const parameter = { kind: 'bytes', bytes: Buffer.of(1) } as const
    expect(refusalOf(() => found.check(publicKey, parameter))).toBe('CKR_MECHANISM_PARAM_INVALID')
    for (const [p, q] of [
      ['80'.padEnd(126, '1'), 'c1'.padEnd(40, '1')],
      ['80'.padEnd(770, '1'), 'c1'.padEnd(64, '1')],
      ['80'.padEnd(256, '1'), 'c1'.padEnd(62, '1')],
    ] as const) {
      const spki = publicKeyInfo(algorithm(p, q, '02'), integer('02'))
      const key = asKey('CKK_DSA', createPublicKey({ key: spki, format: 'der', type: 'spki' }))
      expect(refusalOf(() => found.check(key, noParameter))).toBe('CKR_KEY_SIZE_RANGE')
    }
  })

  test('a private key that can sign nothing is given up, not tried for ever', () => {
    const [p, q] = ['80'.padEnd(256, '1'), 'c1'.padEnd(40, '1')]
    const nil = privateKeyInfo(algorithm(p, q, '00'), integer('02'))
    const nilKey = asKey('CKK_DSA', createPrivateKey({ key: nil, format: 'der', type: 'pkcs8' }))
    expect(refusalOf(() => found.sign(nilKey, noParameter, data))).toBe('CKR_FUNCTION_FAILED')
  })
})

test('a key pair has the parameters it was asked for, another secret each time, and signs', async () => {
  const made = [await generateDsa(parameters), await generateDsa(parameters)]
  const infos = made.map((each) => readPublicKeyInfo(each.publicKey.export({ format: 'der', type: 'spki' })))
  for (const info of infos) expect(parametersOf(info.algorithm)).toEqual(parameters)
  expect(infos[0]?.key).not.toEqual(infos[1]?.key)
  for (const { privateKey: own, publicKey: ownPublic } of made) {
    const signature = sha1.sign(asKey('CKK_DSA', own), noParameter, message)
    sha1.verify(asKey('CKK_DSA', ownPublic), noParameter, message, signature)
    const key = own.export({ format: 'pem', type: 'pkcs8' })
    openssl({ key }, 'pkey', '-check', '-noout', '-in', 'key')
  }
})

test('parameters with longer lengths than DER has are taken, and written as DER', async () => {
  const content = parameters.subarray(4)
  const long = Buffer.concat([
    Buffer.from([tags.SEQUENCE, 0x83, 0, content.length >> 8, content.length & 0xff]),
    content,
  ])
  const { publicKey: own } = await generateDsa(long)
  const info = readPublicKeyInfo(own.export({ format: 'der', type: 'spki' }))
  expect(parametersOf(info.algorithm)).toEqual(parameters)
})

test('no key is made of parameters that are none', async () => {
  for (const wrong of [Buffer.of(), parameters.subarray(1), element(tags.SEQUENCE)]) {
    expect(await asyncRefusalOf(generateDsa(wrong))).toBe('CKR_DOMAIN_PARAMS_INVALID')
  }
})
