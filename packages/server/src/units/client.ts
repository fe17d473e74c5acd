/** The services' way to the crypto unit: each call one frame, sizes checked before anything is sent. */
import type { Fields, FrameBatch } from '@keywitness/crypto-unit/frames'
import {
  AAD_BYTES_MAX,
  ID_BYTES_MAX,
  MATERIAL_BYTES_MAX,
  PLAINTEXT_BYTES_MAX,
  blobKinds,
  operations,
} from '@keywitness/crypto-unit/protocol'
import type { UnitProcess } from './process.ts'
import {
  UnitRefusal,
  type BlobName,
  type RotatingClient,
  type Sealed,
  type StoredBlob,
  type UnitClient,
} from './unit-client.ts'

const IV_BYTES = 12
const TAG_BYTES = 16

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

function putSealed(request: FrameBatch, { iv, ciphertext }: Sealed, aad: Uint8Array): void {
  demandAtMost(aad.length, AAD_BYTES_MAX)
  // Lengths that no ciphertext of ours has: the answer is the same as for an altered one.
  if (iv.length !== IV_BYTES || ciphertext.length < TAG_BYTES || ciphertext.length > PLAINTEXT_BYTES_MAX + TAG_BYTES) {
    throw new UnitRefusal('TAMPERED', 'The ciphertext was not made by this service.')
  }
  request.bytes(aad)
  request.u8(IV_BYTES)
  request.raw(iv)
  request.bytes(ciphertext)
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
