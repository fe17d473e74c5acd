/** One crypto unit of a development product, and requests to it made by hand: signed, disguised, or none at all. */
import type { ActivityEvent } from '@keywitness/cadf'
import {
  decodeDomainResponse,
  decodeResponseBlock,
  encodeAdminRequest,
} from '@keywitness/crypto-unit/tke/admin-message'
import { commands, encodeCommandBlock, encodeQueryBlock, queries } from '@keywitness/crypto-unit/tke/command-block'
import { decodeCprb, encodeCprb } from '@keywitness/crypto-unit/tke/cprb'
import { decodeHtpResponse, encodeHtpRequest } from '@keywitness/crypto-unit/tke/htp'
import { makeSignerInfo } from '@keywitness/crypto-unit/tke/signer-info'
import {
  ceremonySigners,
  Client,
  type Product,
  type Reply,
  startProduct,
  TkeClient,
  type TkeSigner,
  type TkeUnit,
} from '../src/index.ts'

export const empty = Buffer.alloc(0)
export const actions = {
  reset: 'hs-crypto.tke-cryptounit.reset',
  byDefault: 'hs-crypto.tke-cryptounit.default',
  read: 'hs-crypto.tke-cryptounit.read',
  failover: 'hs-crypto.tke-cryptounit-failover.enable',
  clearNew: 'hs-crypto.tke-cryptounit-new-master-key-register.clear',
} as const

export type UnitReply = Reply<{ readonly response: string }>

export interface OpenUnit {
  readonly product: Product
  readonly client: Client
  readonly signers: readonly TkeSigner[]
  readonly tke: TkeClient
  readonly unit: TkeUnit
  /** Path of the listing, and of the unit. */
  readonly hsms: string
  readonly path: string
  /** An HTPRequest of what stands in a CPRB. */
  htp(der: Uint8Array): string
  /** A query for the attributes. */
  query(): string
  /** A signed command for the unit as it is now, as an HTPRequest. */
  command(
    name: keyof typeof commands,
    payload?: Uint8Array,
    signing?: readonly TkeSigner[],
    step?: bigint,
  ): Promise<string>
  post(request: unknown, caller?: Client, at?: string): Promise<UnitReply>
}

export async function openUnit(): Promise<OpenUnit> {
  const product = await startProduct()
  const client = await new Client(product).signIn()
  const signers = ceremonySigners(product)
  const { url, instance } = product
  const tke = new TkeClient({ url, instance, authorization: `Bearer ${client.token}` }, signers)
  const unit = (await tke.query())[0] as TkeUnit
  const hsms = `/v1/tke/${instance}/hsms`
  const path = `${hsms}/${unit.id}`
  const htp = (der: Uint8Array): string => encodeHtpRequest(unit.moduleIndex, encodeCprb(unit.domainIndex, der))
  return {
    product,
    client,
    signers,
    tke,
    unit,
    hsms,
    path,
    htp,
    query: () => htp(encodeAdminRequest(unit.domainIndex, encodeQueryBlock(queries.ATTRIBUTES, unit.domainIndex), [])),
    command: async (name, payload = empty, signing = signers, step = 1n) => {
      const { block: now } = await tke.wire.query(unit, queries.ATTRIBUTES)
      const { domainIndex, domainInstance, serial, moduleInstance, counter } = now
      const own = { domainIndex, domainInstance, serial, moduleInstance, counter: counter + step }
      const block = encodeCommandBlock({ ...own, command: commands[name], payload })
      const infos = signing.map(({ ski, key }) => makeSignerInfo(block, Buffer.from(ski, 'hex'), key))
      return htp(encodeAdminRequest(domainIndex, block, infos))
    },
    post: (request, caller = client, at = path) => caller.call('POST', at, { body: { request } }),
  }
}

/** Return code and reason of an answer. */
export function pairOf({ json }: UnitReply): string {
  const said = decodeDomainResponse(decodeCprb(decodeHtpResponse(json.response)).payload)
  if (said.kind !== 'admin') return said.kind === 'refused' ? `${said.returnCode}` : said.kind
  const { returnCode, payload } = decodeResponseBlock(said.block)
  return `${returnCode}/${payload.length === 4 && returnCode !== 0 ? Buffer.from(payload).readUInt32BE(0) : 0}`
}

/** What an event says of a failed attempt at a unit. */
export function failureOf({ action, outcome, severity, reason, target, requestData }: ActivityEvent): unknown[] {
  const { location } = (requestData ?? {}) as { location?: string }
  return [action, outcome, severity, reason.reasonCode, target.name, location]
}
