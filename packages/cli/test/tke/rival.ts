/** Somebody else at the same units: commands past the command line under test, and answers kept to be sent again. */
import { generateKeyPairSync } from 'node:crypto'
import {
  decodeDomainRequest,
  decodeDomainResponse,
  decodeResponseBlock,
  encodeAdminRequest,
  type ResponseBlock,
} from '@keywitness/crypto-unit/tke/admin-message'
import { administratorSki, createAdministratorCertificate } from '@keywitness/crypto-unit/tke/administrator-certificate'
import {
  type CommandName,
  commands,
  decodeAnyBlock,
  encodeCommandBlock,
  encodeQueryBlock,
  queries,
} from '@keywitness/crypto-unit/tke/command-block'
import { decodeCprb, encodeCprb } from '@keywitness/crypto-unit/tke/cprb'
import { decodeHtpRequest, decodeHtpResponse, encodeHtpRequest } from '@keywitness/crypto-unit/tke/htp'
import type { SimulatedUnit } from './simulated-unit.ts'

/** The id of the command or query in a request; undefined for `get_xcp_info`. */
export function idOf(request: string): number | undefined {
  const { payload } = decodeCprb(decodeHtpRequest(request).cprb)
  const decoded = decodeDomainRequest(payload)
  return decoded.kind === 'admin' ? decodeAnyBlock(decoded.block).id : undefined
}

export function blockOf(answer: string): ResponseBlock {
  const response = decodeDomainResponse(decodeCprb(decodeHtpResponse(answer)).payload)
  if (response.kind !== 'admin') throw new Error('no signed answer')
  return decodeResponseBlock(response.block)
}

function ask(unit: SimulatedUnit, block: Buffer): ResponseBlock {
  const request = encodeAdminRequest(unit.domain, block, [])
  return blockOf(unit.answer(encodeHtpRequest(0, encodeCprb(unit.domain, request))))
}

/** A command that nobody signs, over the counter that follows the unit's own. */
export function unsigned(unit: SimulatedUnit, name: CommandName, payload: Uint8Array): number {
  return ask(unit, unsignedBlock(unit, name, payload)).returnCode
}

function unsignedBlock(unit: SimulatedUnit, name: CommandName, payload: Uint8Array): Buffer {
  const { domainIndex, domainInstance, serial, moduleInstance, counter } = ask(
    unit,
    encodeQueryBlock(queries.ATTRIBUTES, unit.domain),
  )
  const command = commands[name]
  const place = { domainIndex, domainInstance, serial, moduleInstance, counter: counter + 1n }
  return encodeCommandBlock({ command, ...place, payload })
}

/** The request that it would be. */
export function unsignedRequest(unit: SimulatedUnit, name: CommandName, payload: Uint8Array): string {
  const request = encodeAdminRequest(unit.domain, unsignedBlock(unit, name, payload), [])
  return encodeHtpRequest(0, encodeCprb(unit.domain, request))
}

/** An administrator whom nobody wants. */
export function stranger(name: string): { readonly ski: string; readonly certificate: Buffer } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' })
  return { ski: administratorSki(privateKey), certificate: createAdministratorCertificate(name, privateKey) }
}
