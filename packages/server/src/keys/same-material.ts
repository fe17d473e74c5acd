/** Whether given material is that of a key: told by the crypto unit, which lets no root key out to be compared with. */
import { timingSafeEqual } from 'node:crypto'
import { type StoredBlob, UnitRefusal } from '../units/unit-client.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyParts } from './parts.ts'
import { fromUnit } from './refusals.ts'

const noData = new Uint8Array(0)
const probeBytes = 32

/** Compares with the key's newest version. The given bytes are zeroed. */
export async function isMaterialOf(
  key: KeyRow,
  material: Uint8Array,
  parts: Pick<KeyParts, 'keys' | 'unit' | 'random'>,
): Promise<boolean> {
  try {
    // Also keeps a size from the unit that no key has.
    if (8 * material.length !== key.bits) return false
    const blob = parts.keys.versionBlob(key.instance, key.id, key.newest)
    if (blob === undefined) throw new Error(`keys: the material of key ${key.id} is missing`)
    const kind = key.extractable === 1 ? 'standard-key' : 'root-key'
    const stored: StoredBlob = { instance: key.instance, kind, id: key.newest, blob }
    return kind === 'standard-key'
      ? await isStandard(stored, material, parts)
      : await opensWhatOther(stored, material, parts)
  } finally {
    material.fill(0)
  }
}

/** The material of a standard key may leave the unit. */
async function isStandard(
  stored: StoredBlob,
  material: Uint8Array,
  { unit }: Pick<KeyParts, 'unit'>,
): Promise<boolean> {
  const own = await fromUnit(unit.exportMaterial(stored))
  try {
    return own.length === material.length && timingSafeEqual(own, material)
  } finally {
    own.fill(0)
  }
}

/** What was encrypted under the given material opens under the stored one only when both are the same. */
async function opensWhatOther(
  stored: StoredBlob,
  material: Uint8Array,
  { unit, random }: Pick<KeyParts, 'unit' | 'random'>,
): Promise<boolean> {
  const { blob: _stored, ...name } = stored
  const given = { ...name, blob: await fromUnit(unit.importMaterial(name, material)) }
  const sealed = await fromUnit(unit.wrap(given, random(probeBytes), noData))
  const isSame = unit.unwrap(stored, sealed, noData).then(
    () => true,
    (error: unknown) => {
      if (error instanceof UnitRefusal && error.code === 'TAMPERED') return false
      throw error
    },
  )
  return await fromUnit(isSame)
}
