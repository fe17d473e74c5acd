/** A crypto unit inside the test's own process: real AES-256-GCM, the same refusals, and a switch for each fault. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { exportAsymmetric } from '@keywitness/crypto-unit/asymmetric-key'
import { derivedMaterial } from '@keywitness/crypto-unit/derived-material'
import { freshMaterial } from '@keywitness/crypto-unit/fresh-material'
import { applyKey } from '@keywitness/crypto-unit/key-application'
import { makeKeyPair } from '@keywitness/crypto-unit/key-pair-kind'
import { RANDOM_BYTES_MAX } from '@keywitness/crypto-unit/protocol'
import { UnitError } from '@keywitness/crypto-unit/unit-error'
import {
  type BlobName,
  type KeyUse,
  type Sealed,
  type SealedKey,
  type StoredBlob,
  type UnitClient,
  UnitRefusal,
} from '../../units/unit-client.ts'

const tagBytes = 16

export interface MemoryUnit extends UnitClient {
  /** The next calls are refused with this. */
  fault: UnitRefusal['code'] | undefined
  /** Runs before each answer: what happens meanwhile. */
  meanwhile: (() => Promise<void> | void) | undefined
  /** How often the unit was asked. */
  calls: number
}

export function memoryUnit(): MemoryUnit {
  const master = randomBytes(32)
  const nameOf = (name: BlobName) => Buffer.from(`${name.instance}/${name.kind}/${name.id}`)
  const wrapMaterial = (name: BlobName, material: Uint8Array): Uint8Array => {
    const { iv, ciphertext } = seal(master, material, nameOf(name))
    return Buffer.concat([iv, ciphertext])
  }
  const open = (stored: StoredBlob): Uint8Array => {
    try {
      return unseal(master, { iv: stored.blob.subarray(0, 12), ciphertext: stored.blob.subarray(12) }, nameOf(stored))
    } catch {
      throw new UnitRefusal('BROKEN_BLOB', 'The blob does not open under this name.')
    }
  }
  const openKind = (stored: StoredBlob, kind: BlobName['kind']): Uint8Array => {
    if (stored.kind !== kind) throw new UnitRefusal('KIND', 'A blob of this kind does not do that.')
    return open(stored)
  }
  const unit: MemoryUnit = {
    fault: undefined,
    meanwhile: undefined,
    calls: 0,
    generate: (name, bytes) => answer(() => wrapMaterial(name, randomBytes(bytes))),
    importMaterial: (name, material) =>
      answer(() => {
        const blob = wrapMaterial(name, material)
        material.fill(0)
        return blob
      }),
    exportMaterial: (stored) => answer(() => openKind(stored, 'standard-key')),
    wrap: (stored, plaintext, aad) =>
      answer(() => {
        const data = plaintext ?? randomBytes(32)
        const sealed = seal(openKind(stored, 'root-key'), data, aad)
        return plaintext === undefined ? { ...sealed, plaintext: data } : sealed
      }),
    unwrap: (stored, sealed, aad) => answer(() => unseal(openKind(stored, 'root-key'), sealed, aad)),
    rewrap: (from, to, sealed, aad) =>
      answer(() => seal(openKind(to, 'root-key'), unseal(openKind(from, 'root-key'), sealed, aad), aad)),
    sealFresh: (root, bytes, aad, form = 'any') =>
      answer(() => {
        const material = asRefusal(() => freshMaterial(bytes, form))
        const sha256 = createHash('sha256').update(material).digest()
        return { ...seal(openKind(root, 'root-key'), material, aad), sha256 }
      }),
    apply: <What extends KeyUse['what']>({ root, sealed, aad }: SealedKey, use: KeyUse & { readonly what: What }) =>
      answer(() => {
        const material = unseal(openKind(root, 'root-key'), sealed, aad, 'BROKEN_BLOB')
        return asRefusal(() => applyKey<What>(material, use))
      }),
    sealPair: async (root, kind, encoding, aad) => {
      const pair = await asRefusal(() => makeKeyPair(kind))
      return await answer(() => {
        const material = asRefusal(() => exportAsymmetric(pair.privateKey, encoding))
        const sha256 = createHash('sha256').update(material).digest()
        const publicKey = exportAsymmetric(pair.publicKey, 'spki')
        return { ...seal(openKind(root, 'root-key'), material, aad), sha256, publicKey }
      })
    },
    derive: async ({ root, sealed, aad }, derivation, to, bytes, form = 'any') => {
      const base = await answer(() => unseal(openKind(root, 'root-key'), sealed, aad, 'BROKEN_BLOB'))
      const material = await asRefusal(() => derivedMaterial(base, derivation, bytes, form))
      const sha256 = createHash('sha256').update(material).digest()
      return { ...seal(openKind(to.root, 'root-key'), material, to.aad), sha256 }
    },
    random: (bytes) =>
      answer(() => {
        if (bytes < 1 || bytes > RANDOM_BYTES_MAX) throw new UnitRefusal('LIMIT', 'The unit refuses.')
        return randomBytes(bytes)
      }),
  }
  async function answer<T>(make: () => T): Promise<T> {
    unit.calls += 1
    await unit.meanwhile?.()
    if (unit.fault !== undefined) throw new UnitRefusal(unit.fault, 'The unit was told to refuse.')
    return make()
  }
  return unit
}

/** What the unit's own code refuses, as it comes over the pipe. */
function asRefusal<T>(make: () => T): T {
  try {
    const made = make()
    return made instanceof Promise ? (made.catch(refuse) as T) : made
  } catch (error) {
    return refuse(error)
  }
}

function refuse(error: unknown): never {
  const status = error instanceof UnitError ? error.status : undefined
  if (status === 'INVALID' || status === 'TAMPERED' || status === 'LIMIT') {
    throw new UnitRefusal(status, 'The unit refuses.')
  }
  throw error
}

function cipherName(key: Uint8Array): 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm' {
  return key.length === 16 ? 'aes-128-gcm' : key.length === 24 ? 'aes-192-gcm' : 'aes-256-gcm'
}

function seal(key: Uint8Array, data: Uint8Array, aad: Uint8Array): Sealed {
  const iv = randomBytes(12)
  const cipher = createCipheriv(cipherName(key), key, iv).setAAD(aad)
  return { iv, ciphertext: Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()]) }
}

function unseal(key: Uint8Array, sealed: Sealed, aad: Uint8Array, code: UnitRefusal['code'] = 'TAMPERED'): Uint8Array {
  const end = sealed.ciphertext.length - tagBytes
  try {
    const decipher = createDecipheriv(cipherName(key), key, sealed.iv).setAAD(aad)
    decipher.setAuthTag(sealed.ciphertext.subarray(end))
    return Buffer.concat([decipher.update(sealed.ciphertext.subarray(0, end)), decipher.final()])
  } catch {
    throw new UnitRefusal(code, 'Tag, key or additional data do not fit.')
  }
}
