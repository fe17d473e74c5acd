/** Master keys on their way: importer, import of signed parts, export to a key part holder (TKE reference, 3.9 to 3.12). */
import { createPublicKey, generateKeyPairSync, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto'
import { demandSignatures, readSignerInfos } from './quorum.ts'
import { KEY_PARTS_MAX, MASTER_KEY_BYTES, masterKey, type MasterKey, type UnitState } from './registers.ts'
import { decodeDomainRequest, splitRequests, type DomainRequest } from './tke/admin-message.ts'
import { permissions } from './tke/attributes.ts'
import { commands, decodeCommandBlock, type CommandBlock } from './tke/command-block.ts'
import { importerSki, pointOfKey, publicKeyOfPoint } from './tke/p521.ts'
import { decodeHolderCertificate, decodeParameters, encodeParameters, parameters } from './tke/parameter-file.ts'
import { openPart, sealPart } from './tke/recipient-info.ts'
import type { SignerInfo } from './tke/signer-info.ts'
import { verificationPattern } from './tke/verification-pattern.ts'
import { CommandRefused } from './unit-error.ts'

/** Importer types that this unit makes. */
const RSA_2048 = 0
const P_521 = 3

/** @throws CommandRefused 32/54 or 32/55 */
export function generateImporter(state: UnitState, payload: Buffer): { next: UnitState; output: Buffer } {
  if (payload.length !== 4) throw new CommandRefused(32, 54)
  const type = payload.readUInt32BE(0)
  const key = newImporter(type)
  return { next: { ...state, importer: { type, key } }, output: importerSpki(key) }
}

function newImporter(type: number): KeyObject {
  switch (type) {
    case P_521:
      return generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey
    case RSA_2048:
      return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    default:
      throw new CommandRefused(32, 55)
  }
}

export function importerSpki(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: 'der', type: 'spki' })
}

/** Parts of an import, each a request of its own with the signatures of whoever brings it. */
interface EmbeddedPart {
  readonly recipientInfo: Buffer
  readonly signedBytes: Buffer
  readonly signers: readonly SignerInfo[]
}

/**
 * Takes an import apart and checks that each part is for this unit and this command. Their signatures are not checked yet.
 * @throws CommandRefused 33/2, 32/75, 32/3 to 32/11, 32/20, 163/19, and 193/0 or 7/87 for signatures that are none
 */
export function readImport(outer: CommandBlock): EmbeddedPart[] {
  if (outer.payload.length === 0) throw new CommandRefused(33, 2)
  const requests = split(outer.payload)
  if (requests.length > KEY_PARTS_MAX) throw new CommandRefused(32, 75)
  return requests.map((request) => embeddedPart(outer, request))
}

/**
 * Checks that each part is signed by an administrator.
 * @throws CommandRefused 208/9 and what signatures are refused with
 */
export function demandSignedParts(state: UnitState, parts: readonly EmbeddedPart[]): void {
  for (const { signedBytes, signers } of parts) {
    if (signers.length === 0) throw new CommandRefused(208, 9)
    demandSignatures(state, signedBytes, signers, 1)
  }
}

function split(payload: Uint8Array): Buffer[] {
  try {
    return splitRequests(payload, KEY_PARTS_MAX)
  } catch {
    throw new CommandRefused(32, 3)
  }
}

function embeddedPart(outer: CommandBlock, bytes: Buffer): EmbeddedPart {
  const { block: signedBytes, signerInfos, domainIndex } = embeddedRequest(bytes)
  if (signedBytes.length === 0) throw new CommandRefused(32, 8)
  const inner = embeddedBlock(signedBytes)
  if (inner.command !== commands.LOAD) throw new CommandRefused(32, 11)
  if (inner.domainIndex !== outer.domainIndex || domainIndex !== outer.domainIndex) throw new CommandRefused(32, 7)
  if (inner.domainInstance !== outer.domainInstance) throw new CommandRefused(32, 20)
  if (inner.serial !== outer.serial) throw new CommandRefused(32, 17)
  if (inner.moduleInstance !== outer.moduleInstance) throw new CommandRefused(32, 16)
  if (inner.counter !== outer.counter) throw new CommandRefused(163, 19)
  return { recipientInfo: Buffer.from(inner.payload), signedBytes, signers: readSignerInfos(signerInfos) }
}

function embeddedRequest(bytes: Buffer): Extract<DomainRequest, { kind: 'admin' }> {
  let request
  try {
    request = decodeDomainRequest(bytes)
  } catch {
    throw new CommandRefused(32, 4)
  }
  if (request.kind !== 'admin') throw new CommandRefused(32, 6)
  return request
}

function embeddedBlock(bytes: Buffer): CommandBlock {
  try {
    return decodeCommandBlock(bytes)
  } catch {
    throw new CommandRefused(32, 10)
  }
}

/**
 * The new master key: the exclusive or of its parts. The importer has served and is gone.
 * @throws CommandRefused 80/80, 80/81, 96/1, 32/23, 32/28, 32/31, 101/48
 */
export function importParts(
  state: UnitState,
  parts: readonly EmbeddedPart[],
): { next: UnitState; output: Buffer; partPatterns: readonly string[] } {
  if ((state.permissions & permissions.IMPORT) === 0) throw new CommandRefused(80, 80)
  if (parts.length === 1 && (state.permissions & permissions.ONE_PART) === 0) throw new CommandRefused(80, 81)
  if (state.importer === undefined) throw new CommandRefused(96, 1)
  const opened = openAll(parts, state.importer.key)
  const partPatterns = opened.map((part) => verificationPattern(part))
  const sum = Buffer.alloc(MASTER_KEY_BYTES)
  for (const part of opened) {
    for (const [index, byte] of part.entries()) sum[index] = (sum[index] ?? 0) ^ byte
    part.fill(0)
  }
  // Who has one part must not make the key of it alone by bringing it several times.
  if (new Set(partPatterns).size < partPatterns.length) throw new CommandRefused(32, 31)
  // Parts that cancel out would make a key that everybody knows.
  if (timingSafeEqual(sum, Buffer.alloc(MASTER_KEY_BYTES))) throw new CommandRefused(32, 28)
  const key = masterKey(sum, partPatterns)
  if (key.pattern === state.currentKey?.pattern) throw new CommandRefused(101, 48)
  const next = { ...state, importer: undefined, newKey: { ...key, committed: false } }
  return { next, output: Buffer.from(key.pattern, 'hex'), partPatterns }
}

/**
 * Opens every part before any is refused: what is told does not depend on which of them opens, but on their form, which
 * anybody can see, and on whether all do.
 */
function openAll(parts: readonly EmbeddedPart[], importer: KeyObject): Buffer[] {
  let isMalformed = false
  const opened = parts.map(({ recipientInfo }) => {
    try {
      return openPart(recipientInfo, importer)
    } catch {
      isMalformed = true
      return undefined
    }
  })
  const good = opened.filter((part) => part?.length === MASTER_KEY_BYTES)
  if (good.length === parts.length) return good as Buffer[]
  for (const part of opened) part?.fill(0)
  throw new CommandRefused(32, isMalformed ? 23 : 28)
}

/**
 * A master key encrypted to one key part holder, in one part: how units of an instance come to have the same one.
 * @throws CommandRefused 80/131, 80/81, 96/49 or 96/50, 7/96 and 3/102
 */
export function exportMasterKey(state: UnitState, register: MasterKey | undefined, reason: 49 | 50, payload: Buffer) {
  if ((state.permissions & permissions.EXPORT) === 0) throw new CommandRefused(80, 131)
  if ((state.permissions & permissions.ONE_PART) === 0) throw new CommandRefused(80, 81)
  if (register === undefined) throw new CommandRefused(96, reason)
  const holder = holderOf(payload)
  const recipient = importerSki(pointOfKey(holder))
  const bytes = register.key.export()
  const data = sealPart(bytes, holder, recipient)
  bytes.fill(0)
  return {
    output: encodeParameters([{ type: parameters.KEY_PART, index: 0, data }]),
    recipient: recipient.toString('hex'),
  }
}

/** One holder with one part: more would need a threshold scheme that no client here asks for. */
function holderOf(payload: Buffer): KeyObject {
  let list
  try {
    list = decodeParameters(payload)
  } catch {
    throw new CommandRefused(7, 96)
  }
  const limits = list.filter(({ type }) => type === parameters.PART_LIMIT)
  const holders = list.filter(({ type }) => type === parameters.HOLDER_CERTIFICATE)
  if (limits.length !== 1 || limits[0]?.index !== 1 || holders.length !== 1) throw new CommandRefused(7, 96)
  try {
    return publicKeyOfPoint(decodeHolderCertificate(holders[0]?.data ?? Buffer.alloc(0)))
  } catch {
    throw new CommandRefused(3, 102)
  }
}

/** A master key that nobody has seen. */
export function randomMasterKey(): MasterKey {
  const bytes = randomBytes(MASTER_KEY_BYTES)
  const pattern = verificationPattern(bytes)
  return masterKey(bytes, [pattern])
}
