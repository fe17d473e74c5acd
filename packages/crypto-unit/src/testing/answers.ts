/** What a unit answers in tests, read as a client reads it: every signed answer is verified under the root. */
import type { Fields } from '../frames.ts'
import type { UnitIdentity } from '../messages.ts'
import { operations, STATE_BYTES_MAX } from '../protocol.ts'
import {
  decodeDomainResponse,
  decodeResponseBlock,
  encodeAdminRequest,
  encodeInfoRequest,
  type DomainResponse,
  type ResponseBlock,
} from '../tke/admin-message.ts'
import { encodeQueryBlock, queries } from '../tke/command-block.ts'
import { decodeCprb } from '../tke/cprb.ts'
import { wordBytes } from '../tke/der.ts'
import { verifyDeviceCertificate, type DeviceRoot } from '../tke/device-certificate.ts'
import { decodeHtpResponse } from '../tke/htp.ts'
import { decodeSignerInfos, verifySignerInfo } from '../tke/signer-info.ts'
import type { InProcessUnit } from './in-process-unit.ts'

const nothing = Buffer.alloc(0)

export function rootOf(unit: InProcessUnit): DeviceRoot {
  const { fields } = unit.call(operations.ROOT, () => undefined)
  const root = { ski: fields.text(64), x: fields.text(132), y: fields.text(132) }
  fields.end()
  return root
}

/** A query's answer. @throws Error when it is not signed by a module whose certificate hangs from the root */
export function ask(
  unit: InProcessUnit,
  identity: UnitIdentity,
  id: number,
  payload: Uint8Array = nothing,
): ResponseBlock {
  const { domainIndex } = unit.report(identity)
  return askBlock(unit, identity, encodeQueryBlock(id, domainIndex, payload))
}

/** The same, of a block that need not be as a client makes it. */
export function askBlock(unit: InProcessUnit, identity: UnitIdentity, block: Uint8Array): ResponseBlock {
  const said = sayOf(unit, identity, encodeAdminRequest(unit.report(identity).domainIndex, block, []))
  if (said.kind !== 'admin') throw new Error(`not signed: ${said.kind}`)
  return verified(unit, identity, said)
}

/** The block of a signed answer. @throws Error when its signature is not the module's */
export function verified(
  unit: InProcessUnit,
  identity: UnitIdentity,
  said: Extract<DomainResponse, { kind: 'admin' }>,
): ResponseBlock {
  const request = encodeAdminRequest(
    unit.report(identity).domainIndex,
    encodeQueryBlock(queries.DEVICE_CERTIFICATE, 0, wordBytes(0)),
    [],
  )
  const own = sayOf(unit, identity, request)
  if (own.kind !== 'admin') throw new Error('no certificate')
  const module = verifyDeviceCertificate(decodeResponseBlock(own.block).payload, rootOf(unit))
  const [signer, ...more] = decodeSignerInfos(said.signerInfo)
  if (signer === undefined || more.length > 0) throw new Error('not exactly one signature')
  if (!verifySignerInfo(said.block, signer, module)) throw new Error('the signature does not verify')
  return decodeResponseBlock(said.block)
}

/** The answer to what stands in a CPRB. */
export function sayOf(unit: InProcessUnit, identity: UnitIdentity, der: Uint8Array): DomainResponse {
  return decodeDomainResponse(decodeCprb(decodeHtpResponse(unit.sendDomain(identity, der).response)).payload)
}

/** The answer to a text that need be no HTPRequest, and whether the unit took it for a command. */
export function sayText(
  unit: InProcessUnit,
  identity: UnitIdentity,
  text: string,
): { readonly response: string; readonly isCommand: boolean } {
  const { status, fields } = unit.sendText(identity, text)
  if (status !== 'OK') throw new Error(`the unit failed: ${status} ${fields.text()}`)
  const response = fields.bytes(STATE_BYTES_MAX).toString('latin1')
  return { response, isCommand: fields.u8() === 1 }
}

/** The answer to `get_xcp_info`. */
export function info(unit: InProcessUnit, identity: UnitIdentity, query: number): Buffer {
  const said = sayOf(unit, identity, encodeInfoRequest(unit.report(identity).domainIndex, query))
  if (said.kind !== 'info') throw new Error(`no information: ${said.kind}`)
  return said.payload
}

/** Return code and reason of an answer, such as `96/60`. */
export function pairOf({ returnCode, payload }: ResponseBlock): string {
  return `${returnCode}/${payload.length === 4 && returnCode !== 0 ? Buffer.from(payload).readUInt32BE(0) : 0}`
}

/** Keeps a unit from work, as the server does when the trail knows a later state. */
export function hold(
  unit: InProcessUnit,
  { instance, unit: name }: UnitIdentity,
  { counter, revision }: { readonly counter: bigint; readonly revision: number },
): Fields {
  const bytes = Buffer.from(counter.toString(16).padStart(32, '0'), 'hex')
  return unit.call(operations.HOLD, (request) => {
    request.text(instance)
    request.text(name)
    request.raw(bytes)
    request.u32(revision)
  }).fields
}
