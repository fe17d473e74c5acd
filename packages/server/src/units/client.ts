/** The services' way to the crypto unit: each call one frame, sizes checked before anything is sent. */
import { keyEncodings } from '@keywitness/crypto-unit/asymmetric-key'
import { isAsymmetricUse, type AsymmetricUse } from '@keywitness/crypto-unit/asymmetric-use'
import { putDerivation } from '@keywitness/crypto-unit/derivation'
import type { Fields, FrameBatch } from '@keywitness/crypto-unit/frames'
import { putKeyPairKind } from '@keywitness/crypto-unit/key-pair-kind'
import { materialForms, putKeyUse, readOutcome, type KeyUse } from '@keywitness/crypto-unit/key-use'
import {
  AAD_BYTES_MAX,
  ADDITIONAL_BYTES_MAX,
  CIPHERTEXT_BYTES_MAX,
  ID_BYTES_MAX,
  MATERIAL_AAD_BYTES_MAX,
  MATERIAL_BYTES_MAX,
  PLAINTEXT_BYTES_MAX,
  PUBLIC_KEY_BYTES_MAX,
  SIGNATURE_BYTES_MAX,
  blobKinds,
  operations,
} from '@keywitness/crypto-unit/protocol'
import type { UnitProcess } from './process.ts'
import {
  UnitRefusal,
  type BlobName,
  type RotatingClient,
  type Sealed,
  type SealedKey,
  type StoredBlob,
  type UnitClient,
} from './unit-client.ts'

const IV_BYTES = 12
const TAG_BYTES = 16
const DIGEST_BYTES = 32
/** Vectors, tags and MACs have one byte for their length on the pipe. */
const SHORT_BYTES_MAX = 255
/** Prime numbers are found by luck, and passwords hashed many times: the unit answers others meanwhile. */
const slow = { slowMs: 60_000 } as const

/** The client of a running process; calls are refused `UNAVAILABLE` while it is down. */
export function createUnitClient(unit: Pick<UnitProcess, 'call'>): UnitClient & RotatingClient {
  return {
    generate: (name, bytes) =>
      unit.call(
        operations.GENERATE,
        (request) => {
          putName(request, name)
          request.u32(bytes)
        },
        readRest,
      ),

    importMaterial: (name, material) =>
      unit
        .call(
          operations.IMPORT,
          (request) => {
            demandAtMost(material.length, MATERIAL_BYTES_MAX)
            putName(request, name)
            request.bytes(material)
          },
          readRest,
        )
        .finally(() => material.fill(0)),

    exportMaterial: (stored) => unit.call(operations.EXPORT, (request) => putStored(request, stored), readRest),

    wrap: (stored, plaintext, aad) =>
      unit.call(
        operations.WRAP,
        (request) => {
          demandAtMost(aad.length, AAD_BYTES_MAX)
          putStored(request, stored)
          request.bytes(aad)
          request.u8(plaintext === undefined ? 0 : 1)
          if (plaintext === undefined) return
          demandAtMost(plaintext.length, PLAINTEXT_BYTES_MAX)
          request.bytes(plaintext)
        },
        plaintext === undefined ? readSealedWithPlaintext : readSealed,
      ),

    unwrap: (stored, sealed, aad) =>
      unit.call(
        operations.UNWRAP,
        (request) => {
          putStored(request, stored)
          putSealed(request, sealed, aad)
        },
        readRest,
      ),

    reencrypt: (stored) => unit.call(operations.REENCRYPT, (request) => putStored(request, stored), readRest),

    rewrap: (from, to, sealed, aad) =>
      unit.call(
        operations.REWRAP,
        (request) => {
          putStored(request, from)
          putStored(request, to)
          putSealed(request, sealed, aad)
        },
        readSealed,
      ),

    sealFresh: (root, bytes, aad, form = 'any') =>
      unit.call(
        operations.SEAL_FRESH,
        (request) => {
          demandAtMost(aad.length, MATERIAL_AAD_BYTES_MAX)
          demandCount(bytes)
          putStored(request, root)
          request.bytes(aad)
          request.u8(materialForms.indexOf(form))
          request.u32(bytes)
        },
        (answer) => ({ ...readSealed(answer), sha256: copyOf(answer.raw(DIGEST_BYTES)) }),
      ),

    sealPair: (root, kind, encoding, aad) =>
      unit.call(
        operations.SEAL_PAIR,
        (request) => {
          demandAtMost(aad.length, MATERIAL_AAD_BYTES_MAX)
          putStored(request, root)
          request.bytes(aad)
          request.u8(keyEncodings.indexOf(encoding))
          putKeyPairKind(request, kind)
        },
        (answer) => ({
          ...readSealed(answer),
          sha256: copyOf(answer.raw(DIGEST_BYTES)),
          publicKey: copyOf(answer.bytes(PUBLIC_KEY_BYTES_MAX)),
        }),
        slow,
      ),

    derive: (base, derivation, to, bytes, form = 'any') =>
      unit.call(
        operations.DERIVE,
        (request) => {
          demandAtMost(to.aad.length, MATERIAL_AAD_BYTES_MAX)
          demandCount(bytes)
          putStored(request, to.root)
          request.bytes(to.aad)
          putSealedKey(request, base)
          putDerivation(request, derivation)
          request.u8(materialForms.indexOf(form))
          request.u32(bytes)
        },
        (answer) => ({ ...readSealed(answer), sha256: copyOf(answer.raw(DIGEST_BYTES)) }),
        slow,
      ),

    apply: (stored, use) =>
      unit.call(
        operations.APPLY,
        (request) => {
          demandSendable(use)
          putSealedKey(request, stored)
          putKeyUse(request, use)
        },
        (answer) => readOutcome(answer, use.what),
      ),

    random: (bytes) =>
      unit.call(
        operations.RANDOM,
        (request) => {
          demandCount(bytes)
          request.u32(bytes)
        },
        readRest,
      ),
  }
}

function putName(request: FrameBatch, { kind, instance, id }: BlobName): void {
  demandAtMost(Buffer.byteLength(instance), ID_BYTES_MAX)
  demandAtMost(Buffer.byteLength(id), ID_BYTES_MAX)
  request.u8(blobKinds[kind])
  request.text(instance)
  request.text(id)
}

function putStored(request: FrameBatch, stored: StoredBlob): void {
  putName(request, stored)
  request.bytes(stored.blob)
}

function putSealed(
  request: FrameBatch,
  { iv, ciphertext }: Sealed,
  aad: Uint8Array,
  code: UnitRefusal['code'] = 'TAMPERED',
): void {
  demandAtMost(aad.length, AAD_BYTES_MAX)
  // Lengths that no ciphertext of ours has: the answer is the same as for an altered one.
  if (iv.length !== IV_BYTES || ciphertext.length < TAG_BYTES || ciphertext.length > PLAINTEXT_BYTES_MAX + TAG_BYTES) {
    throw new UnitRefusal(code, 'The ciphertext was not made by this service.')
  }
  request.bytes(aad)
  request.u8(IV_BYTES)
  request.raw(iv)
  request.bytes(ciphertext)
}

function putSealedKey(request: FrameBatch, { root, sealed, aad }: SealedKey): void {
  demandAtMost(aad.length, MATERIAL_AAD_BYTES_MAX)
  demandAtMost(sealed.ciphertext.length, MATERIAL_BYTES_MAX + TAG_BYTES)
  putStored(request, root)
  putSealed(request, sealed, aad, 'BROKEN_BLOB')
}

/** What the pipe has no room for, or cannot tell from what is absent. */
function demandSendable(use: KeyUse): void {
  if (isAsymmetricUse(use)) {
    demandAsymmetric(use)
    return
  }
  demandAtMost(use.data.length, use.what === 'decrypt' ? CIPHERTEXT_BYTES_MAX : PLAINTEXT_BYTES_MAX)
  if (use.what === 'mac') return
  if (use.what === 'mac-verify') {
    demandShort(use.mac.length, 0)
    return
  }
  demandAtMost(use.additional?.length ?? 0, ADDITIONAL_BYTES_MAX)
  demandShort(use.iv?.length ?? 1, 1)
  demandShort((use.what === 'encrypt' ? use.tagBytes : use.tag?.length) ?? 1, 1)
}

function demandAsymmetric(use: AsymmetricUse): void {
  demandAtMost(use.data.length, PLAINTEXT_BYTES_MAX)
  if (use.what === 'signature-verify') demandAtMost(use.signature.length, SIGNATURE_BYTES_MAX)
}

function demandShort(count: number, least: number): void {
  if (Number.isInteger(count) && count >= least && count <= SHORT_BYTES_MAX) return
  throw new UnitRefusal('INVALID', 'A vector, tag or MAC does not have a length that any mode takes.')
}

/** What is no number of bytes at all; how many may be asked for the unit says. */
function demandCount(count: number): void {
  demandAtMost(Number.isInteger(count) && count >= 0 ? count : Infinity, 0xffff_ffff)
}

function demandAtMost(count: number, countMax: number): void {
  if (count > countMax) throw new UnitRefusal('LIMIT', 'The request is larger than the crypto unit allows.')
}

/** What is kept of an answer is copied into memory of its own: the pipe's buffer is zeroed after the answer is read. */
function copyOf(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes)
}

function readRest(answer: Fields): Uint8Array {
  return copyOf(answer.raw(answer.bytesAll.length))
}

function readSealed(answer: Fields): Sealed {
  const iv = copyOf(answer.raw(IV_BYTES))
  const ciphertext = copyOf(answer.bytes(PLAINTEXT_BYTES_MAX + TAG_BYTES))
  return { iv, ciphertext }
}

function readSealedWithPlaintext(answer: Fields): Sealed & { plaintext: Uint8Array } {
  return { ...readSealed(answer), plaintext: copyOf(answer.raw(answer.bytesAll.length - answer.offset)) }
}
