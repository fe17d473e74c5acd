/** Drives crypto units over HTTP, each command once carried out and once refused, a rotation, failover units: for the witness test. */
import { randomBytes } from 'node:crypto'
import { controlPoints, controlPointSet, encodeAttributes, permissions } from '@keywitness/crypto-unit/tke/attributes'
import { wordBytes } from '@keywitness/crypto-unit/tke/der'
import { POINT_BYTES } from '@keywitness/crypto-unit/tke/p521'
import { encodeHolderCertificate, encodeParameters, parameters } from '@keywitness/crypto-unit/tke/parameter-file'
import {
  ceremonyAdministrators,
  ceremonyParts,
  type Client,
  newTkeAdministrator,
  type Product,
  TkeCommands,
  type TkeListing,
} from '../src/index.ts'
import { bringAll, rotationAt } from '../src/rotation-keys.ts'

const unknown = '11111111-1111-4111-8111-111111111111'
const empty = Buffer.alloc(0)
const nobody: [] = []
/** What a unit may in the beginning, and besides export its master key in one part. */
const EXPORTING = 0x81ff_0011 | permissions.EXPORT | permissions.ONE_PART

export async function driveUnits(product: Product, client: Client): Promise<void> {
  const tke = new TkeCommands(client, product.instance, ceremonyAdministrators(product.data, product.instance))
  const units = await tke.units()
  const recovery = units.at(-1) as TkeListing
  await client.call('GET', `/v1/tke/${unknown}/hsms`)
  await client.call('POST', `/v1/tke/${product.instance}/hsms/${recovery.hsm_id}`, { body: { request: 'none' } })
  await tke.send(recovery, 'ZEROIZE', empty, nobody)

  await administer(tke, recovery)
  await exportKey(tke, recovery)
  await changeRegisters(tke, recovery, ceremonyParts(product.data, product.instance))
  await rotate(tke, units)
  for (const region of [product.location, 'us-east']) await tke.enableFailover(region, 2)
}

async function administer(tke: TkeCommands, unit: TkeListing): Promise<void> {
  const { ski, certificate } = newTkeAdministrator('covered')
  // The second time he is there already, or no longer.
  for (const [name, payload] of [
    ['ADD_ADMINISTRATOR', certificate],
    ['REMOVE_ADMINISTRATOR', Buffer.from(ski, 'hex')],
  ] as const) {
    await tke.carryOut(unit, name, payload)
    await tke.send(unit, name, payload)
  }
  await tke.send(unit, 'SET_ATTRIBUTES', encodeAttributes([[1, 9]]))
  const points = controlPointSet(controlPoints.XCP_CPB_BTC)
  await tke.send(unit, 'ADD_CONTROL_POINTS', empty)
  await tke.carryOut(unit, 'ADD_CONTROL_POINTS', points)
  await tke.carryOut(unit, 'REMOVE_CONTROL_POINTS', points)
}

/** Refused until it is permitted. */
async function exportKey(tke: TkeCommands, unit: TkeListing): Promise<void> {
  await tke.send(unit, 'GENERATE_IMPORTER', wordBytes(99))
  const { output } = await tke.carryOut(unit, 'GENERATE_IMPORTER', wordBytes(3))
  const holder = encodeHolderCertificate(output.subarray(output.length - POINT_BYTES))
  const payload = encodeParameters([
    { type: parameters.PART_LIMIT, index: 1, data: empty },
    { type: parameters.HOLDER_CERTIFICATE, index: 0, data: holder },
  ])
  await tke.send(unit, 'EXPORT', payload)
  await tke.carryOut(unit, 'SET_ATTRIBUTES', encodeAttributes([[3, EXPORTING >>> 0]]))
  await tke.carryOut(unit, 'EXPORT', payload)
}

/** The unit loses its master key, and gets the same one again. */
async function changeRegisters(tke: TkeCommands, unit: TkeListing, parts: readonly Uint8Array[]): Promise<void> {
  for (const name of ['CLEAR_NEW', 'CLEAR_CURRENT'] as const) {
    await tke.send(unit, name, empty, nobody)
    await tke.carryOut(unit, name)
  }
  await tke.send(unit, 'LOAD', empty)
  for (const name of ['COMMIT', 'ACTIVATE'] as const) await tke.send(unit, name, Buffer.alloc(32))
  await tke.carryOut(unit, 'ACTIVATE', Buffer.from(await tke.bring(unit, parts), 'hex'))
}

/** Not possible before all units have the new master key. */
async function rotate(tke: TkeCommands, units: readonly TkeListing[]): Promise<void> {
  await tke.rotation('PUT')
  const pattern = await bringAll(tke, [randomBytes(32), randomBytes(32)])
  await tke.rotation('PUT')
  await rotationAt(tke, 'rewrapped')
  for (const unit of units) await tke.activate(unit, pattern)
  await rotationAt(tke, 'finished')
}
