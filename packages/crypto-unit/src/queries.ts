/** What a domain answers to queries: nobody signs them, and they change nothing (TKE reference, sections 3.1 to 3.3, 3.9). */
import { skisOf } from './commands.ts'
import type { DeviceKeys } from './device-keys.ts'
import { importerSpki } from './master-key-parts.ts'
import { domainIndexOf, isImprint, moduleOf, type UnitState } from './registers.ts'
import { infoQueries } from './tke/admin-message.ts'
import { attributes, encodeAttributes } from './tke/attributes.ts'
import { moduleBytes, queries, type AnyBlock } from './tke/command-block.ts'
import { wordBytes } from './tke/der.ts'
import { CommandRefused } from './unit-error.ts'

const nothing = Buffer.alloc(0)

/** Queries about the module: clients name no domain in them. */
const ofModule = new Set<number>([queries.CARD_ADMINISTRATORS, queries.DEVICE_CERTIFICATE])
/** Queries that carry what they are about. */
const carrying = new Set<number>([queries.ADMINISTRATORS, queries.DEVICE_CERTIFICATE])
const known = new Set<number>(Object.values(queries))

/** @throws CommandRefused with the protocol's return code and reason */
export function answerQuery(state: UnitState, device: DeviceKeys, { id, domainIndex, payload }: AnyBlock): Buffer {
  if (!known.has(id)) throw new CommandRefused(84, 0)
  if (!ofModule.has(id) && domainIndex !== domainIndexOf(state)) throw new CommandRefused(3, 12)
  if (!carrying.has(id) && payload.length > 0) throw new CommandRefused(33, 0)
  switch (id) {
    case queries.CARD_ADMINISTRATORS:
      return nothing
    case queries.ADMINISTRATORS:
      return payload.length === 0 ? skisOf(state) : certificateOf(state, payload)
    case queries.DEVICE_CERTIFICATE:
      return deviceCertificate(state, device, payload)
    case queries.IMPORTER:
      if (state.importer === undefined) throw new CommandRefused(96, 1)
      return importerSpki(state.importer.key)
    case queries.CONTROL_POINTS:
      return state.controlPoints
    case queries.CURRENT_PATTERN:
      if (state.currentKey === undefined) throw new CommandRefused(96, 49)
      return Buffer.from(state.currentKey.pattern, 'hex')
    case queries.NEW_PATTERN:
      if (state.newKey === undefined) throw new CommandRefused(96, 50)
      return Buffer.from(state.newKey.pattern, 'hex')
    case queries.ATTRIBUTES:
      return attributesOf(state)
    case queries.PART_PATTERNS:
      return Buffer.from((state.newKey ?? state.currentKey)?.partPatterns.join('') ?? '', 'hex')
    default:
      throw new CommandRefused(84, 0)
  }
}

function certificateOf(state: UnitState, payload: Buffer): Buffer {
  if (payload.length !== 32) throw new CommandRefused(32, 32)
  const ski = payload.toString('hex')
  const administrator = state.administrators.find((installed) => installed.ski === ski)
  if (administrator === undefined) throw new CommandRefused(96, 33)
  return administrator.certificate
}

/** A chain of one: its end is told by the pair that clients wait for. */
function deviceCertificate(state: UnitState, device: DeviceKeys, payload: Buffer): Buffer {
  if (payload.length === 0) return wordBytes(1)
  if (payload.length !== 4) throw new CommandRefused(32, 59)
  if (payload.readUInt32BE(0) !== 0) throw new CommandRefused(96, 60)
  return device.certificate(moduleOf(state))
}

function attributesOf(state: UnitState): Buffer {
  return encodeAttributes([
    [attributes.SIGNATURE_THRESHOLD, state.signatureThreshold],
    [attributes.REVOCATION_THRESHOLD, state.revocationSignatureThreshold],
    [attributes.PERMISSIONS, state.permissions],
    [attributes.MODE, state.mode],
    [attributes.STANDARDS, state.standards],
  ])
}

const MODULE_INFO_BYTES = 196
const DOMAIN_INFO_BYTES = 80
const DOMAINS_PER_MODULE = 256

/** @throws CommandRefused 7/0 for a sub-query that is not known */
export function answerInfo(state: UnitState, query: number): Buffer {
  switch (query) {
    case infoQueries.MODULE:
      return moduleInfo(state)
    case infoQueries.DOMAIN:
      return domainInfo(state)
    default:
      throw new CommandRefused(7, 0)
  }
}

/** Clients use the serial number only; what would describe hardware stays zero. */
function moduleInfo(state: UnitState): Buffer {
  const info = Buffer.alloc(MODULE_INFO_BYTES)
  info.writeUInt32BE(1, 0)
  moduleBytes(state.serial, state.moduleInstance).copy(info, 108)
  info.writeUInt32BE(DOMAINS_PER_MODULE, 156)
  return info
}

/** Bits of the domain's flags. */
const ADMINISTRATORS_PRESENT = 0x01
const CURRENT_PRESENT = 0x02
const NEW_PRESENT = 0x04
const NEW_COMMITTED = 0x08
const LEFT_IMPRINT = 0x10
const IMPRINT_ENFORCED = 0x8000_0000

function domainInfo(state: UnitState): Buffer {
  const { currentKey, newKey } = state
  const info = Buffer.alloc(DOMAIN_INFO_BYTES)
  info.writeUInt32BE(domainIndexOf(state), 0)
  if (currentKey !== undefined) info.write(currentKey.pattern, 4, 'hex')
  if (newKey !== undefined) info.write(newKey.pattern, 36, 'hex')
  const flags =
    (state.administrators.length > 0 ? ADMINISTRATORS_PRESENT : 0) |
    (currentKey === undefined ? 0 : CURRENT_PRESENT) |
    (newKey === undefined ? 0 : NEW_PRESENT) |
    (newKey?.committed === true ? NEW_COMMITTED : 0) |
    (isImprint(state) ? 0 : LEFT_IMPRINT) |
    IMPRINT_ENFORCED
  info.writeUInt32BE(flags >>> 0, 68)
  info.writeUInt32BE(1, 76)
  return info
}
