/** Master keys on their way into units: key parts from files, or a whole key from a recovery unit (TKE reference, 3.9 to 3.12). */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { wordBytes } from '@keywitness/crypto-unit/tke/der'
import { importerSki, pointOfKey } from '@keywitness/crypto-unit/tke/p521'
import {
  decodeParameters,
  encodeHolderCertificate,
  encodeParameters,
  parameters,
  SCOPE_SHORT,
} from '@keywitness/crypto-unit/tke/parameter-file'
import { sealPart } from '@keywitness/crypto-unit/tke/recipient-info'
import { demandSameAdministrators } from './configuration.ts'
import type { Step } from './each-unit.ts'
import { type KeyPartFile, openKeyPart } from './key-part-files.ts'
import type { Passwords } from './passwords.ts'
import type { Signer } from './signers.ts'
import type { StateFolder } from './state-folder.ts'
import type { SignedPart, Unit } from './unit.ts'
import { decoded, unproven } from './unit-refused.ts'
import { readPartPatterns, readRegisters, type UnitState } from './unit-state.ts'

/** Type of the importer key: P-521. */
const IMPORTER_P521 = 3

/** A fresh key of the unit that parts are encrypted to; the unit signed it. */
async function makeImporter(unit: Unit, signer: Signer): Promise<KeyObject> {
  const { payload } = await unit.command('GENERATE_IMPORTER', wordBytes(IMPORTER_P521), [signer])
  return decoded(unit.location, () => {
    let key: KeyObject
    try {
      key = createPublicKey({ key: Buffer.from(payload), format: 'der', type: 'spki' })
    } catch {
      throw unproven(unit.location, 'its importer key is none')
    }
    pointOfKey(key)
    return key
  })
}

/** Passwords of the parts, asked for once for all units. */
export type PartPasswords = ReadonlyMap<string, string>

export async function partPasswords(passwords: Passwords, parts: readonly KeyPartFile[]): Promise<PartPasswords> {
  const found = new Map<string, string>()
  for (const { name, description } of parts) found.set(name, await passwords.of(name, description))
  return found
}

/**
 * Encrypts each part to a fresh importer key of the unit and loads them; a part is in the clear here only while it is
 * encrypted, and the parts are never put together.
 *
 * @param signers one for each part
 * @returns verification pattern of the key in the new register
 * @throws CliError `VERIFICATION_FAILED` when the unit holds other parts than were sent
 */
export async function loadParts(
  unit: Unit,
  folder: StateFolder,
  parts: readonly KeyPartFile[],
  passwords: PartPasswords,
  signers: readonly Signer[],
): Promise<string> {
  const [first] = signers
  if (first === undefined) throw new RangeError('a part has no signer')
  const importer = await makeImporter(unit, first)
  const recipient = importerSki(pointOfKey(importer))
  const sealed: SignedPart[] = []
  for (const [at, file] of parts.entries()) {
    const part = await openKeyPart(folder, file, passwords.get(file.name) ?? '')
    sealed.push({ recipientInfo: sealPart(part, importer, recipient), signer: signers[at] ?? first })
    part.fill(0)
  }
  await unit.load(sealed)
  const patterns = await readPartPatterns(unit)
  if (
    patterns !== undefined &&
    !isSameList(
      patterns,
      parts.map(({ pattern }) => pattern),
    )
  ) {
    throw unproven(unit.location, 'its new register holds other key parts than were sent')
  }
  return (await readRegisters(unit)).newRegister.pattern
}

export function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.toSorted().join() === b.toSorted().join()
}

/** Which register of the source is copied. */
export type SourceRegister = 'current' | 'new'

/**
 * Copies a master key from a unit that may export it into the new register of another: encrypted by the one to the
 * importer key of the other, so that nobody in between can open it.
 *
 * @param signers as many as the source's signature threshold
 * @param pattern of the key in the source
 */
export async function copyKey(
  source: UnitState,
  register: SourceRegister,
  target: UnitState,
  signers: readonly Signer[],
  pattern: string,
): Promise<void> {
  const [first] = signers
  if (first === undefined) throw new RangeError('nobody signs')
  demandSameAdministrators(source, [target])
  const { unit } = target
  const importer = await makeImporter(unit, first)
  const recipientInfo = await exportKey(source.unit, register, pointOfKey(importer), signers)
  await unit.load([{ recipientInfo, signer: first }])
  const patterns = await readPartPatterns(unit)
  if (patterns !== undefined && patterns.join() !== pattern) {
    throw unproven(unit.location, 'another key arrived than the source holds')
  }
}

async function exportKey(
  source: Unit,
  register: SourceRegister,
  point: Uint8Array,
  signers: readonly Signer[],
): Promise<Buffer> {
  const request = encodeParameters([
    { type: parameters.PART_LIMIT, index: 1, data: Buffer.alloc(0) },
    { type: parameters.HOLDER_CERTIFICATE, index: 0, data: encodeHolderCertificate(point) },
    { type: parameters.SCOPE, index: SCOPE_SHORT, data: Buffer.alloc(0) },
  ])
  const { payload } = await source.command(register === 'new' ? 'EXPORT_NEW' : 'EXPORT', request, signers)
  const elements = decoded(source.location, () => decodeParameters(payload))
  const part = elements.find(({ type, index }) => type === parameters.KEY_PART && index === 0)
  if (part === undefined) throw unproven(source.location, 'it exported no key')
  return Buffer.from(part.data)
}

/**
 * Copies the source's current master key into a unit and makes it current there; what an earlier try left in the new
 * register is gone on with when it is that key.
 *
 * @param signers as many as the signature thresholds of both
 */
export async function giveCurrentKey(source: UnitState, target: UnitState, signers: readonly Signer[]): Promise<Step> {
  const { unit } = target
  const { pattern } = source.currentRegister
  const wanted = Buffer.from(pattern, 'hex')
  const { currentRegister, newRegister } = await readRegisters(unit)
  if (currentRegister.pattern === pattern) return { isAlready: true, note: 'it has that master key' }
  demandSameAdministrators(source, [target])
  if (newRegister.pattern !== pattern) await copyKey(source, 'current', target, signers, pattern)
  if (newRegister.pattern !== pattern || newRegister.status === 'Full Uncommitted') {
    await unit.command('COMMIT', wanted, signers)
  }
  await unit.command('ACTIVATE', wanted, signers.slice(0, 1))
  return { note: pattern }
}
