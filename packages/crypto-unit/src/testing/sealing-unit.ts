/** An instance's root key in a working unit, and keys sealed under it as the server seals them, for tests. */
import { keyEncodings, type KeyEncoding } from '../asymmetric-key.ts'
import { putDerivation, type Derivation } from '../derivation.ts'
import { FrameBatch } from '../frames.ts'
import { putKeyPairKind, type KeyPairKind } from '../key-pair-kind.ts'
import { materialForms, putKeyUse, type KeyUse, type MaterialForm } from '../key-use.ts'
import { PLAINTEXT_BYTES_MAX, operations } from '../protocol.ts'
import {
  INSTANCE,
  putName,
  putStored,
  workingUnit,
  type Answer,
  type InProcessUnit,
  type TestAdministrator,
  type TestName,
} from './in-process-unit.ts'

export interface SealedParts {
  readonly iv: Buffer
  readonly sealed: Buffer
}

export const rootName: TestName = { instance: INSTANCE, kind: 'root-key', id: 'key-1' }
export const objectAad = Buffer.from('instance/adapter/object')

export class SealingUnit {
  readonly unit: InProcessUnit
  readonly administrators: readonly TestAdministrator[]
  /** The root key's. */
  readonly blob: Buffer

  constructor() {
    const { unit, administrators } = workingUnit()
    this.unit = unit
    this.administrators = administrators
    const { fields } = this.unit.call(operations.GENERATE, (request) => {
      putName(request, rootName)
      request.u32(32)
    })
    this.blob = Buffer.from(fields.bytesAll)
  }

  sealFresh(count: number, form: MaterialForm = 'any', aad: Uint8Array = objectAad, name = rootName): Answer {
    return this.unit.call(operations.SEAL_FRESH, (request) => {
      putStored(request, name, this.blob)
      request.bytes(aad)
      request.u8(materialForms.indexOf(form))
      request.u32(count)
    })
  }

  /** A fresh key as the server keeps it, with its digest. */
  fresh(count: number, form?: MaterialForm): SealedParts & { readonly sha256: string } {
    const { fields } = this.sealFresh(count, form)
    const parts = { iv: fields.raw(12), sealed: fields.bytes(1_000), sha256: fields.raw(32).toString('hex') }
    fields.end()
    return parts
  }

  seal(material: Uint8Array, aad: Uint8Array = objectAad): SealedParts {
    const { fields } = this.unit.call(operations.WRAP, (request) => {
      putStored(request, rootName, this.blob)
      request.bytes(aad)
      request.u8(1)
      request.bytes(material)
    })
    return { iv: fields.raw(12), sealed: fields.bytes(PLAINTEXT_BYTES_MAX + 16) }
  }

  unseal(parts: SealedParts, aad: Uint8Array = objectAad): Answer {
    return this.unit.call(operations.UNWRAP, (request) => {
      putStored(request, rootName, this.blob)
      putSealed(request, parts, aad)
    })
  }

  sealPair(kind: KeyPairKind, encoding: KeyEncoding, name = rootName): Promise<Answer> {
    return this.#patiently(operations.SEAL_PAIR, (request) => {
      putStored(request, name, this.blob)
      putPairWish(request, kind, encoding)
    })
  }

  /** A key derived from one of these parts. */
  derive(base: SealedParts, derivation: Derivation, count: number, form: MaterialForm = 'any'): Promise<Answer> {
    return this.#patiently(operations.DERIVE, (request) => {
      putStored(request, rootName, this.blob)
      request.bytes(objectAad)
      putStored(request, rootName, this.blob)
      putSealed(request, base, objectAad)
      putDerivation(request, derivation)
      request.u8(materialForms.indexOf(form))
      request.u32(count)
    })
  }

  #patiently(operation: number, put: (request: FrameBatch) => void): Promise<Answer> {
    const request = new FrameBatch()
    put(request)
    return this.unit.sendPatiently(operation, Buffer.from(request.take()))
  }

  apply(parts: SealedParts, use: KeyUse, aad: Uint8Array = objectAad, name = rootName): Answer {
    return this.unit.call(operations.APPLY, (request) => {
      putStored(request, name, this.blob)
      putSealed(request, parts, aad)
      putKeyUse(request, use)
    })
  }
}

/** What follows the root key in a request for a pair. */
export function putPairWish(request: FrameBatch, kind: KeyPairKind, encoding: KeyEncoding): void {
  request.bytes(objectAad)
  request.u8(keyEncodings.indexOf(encoding))
  putKeyPairKind(request, kind)
}

export function putSealed(request: FrameBatch, { iv, sealed }: SealedParts, aad: Uint8Array): void {
  request.bytes(aad)
  request.u8(iv.length)
  request.raw(iv)
  request.bytes(sealed)
}
