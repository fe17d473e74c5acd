/** What a vCenter Server sends, byte for byte, and the answers it gets (reference section 13). */
import { readFileSync } from 'node:fs'
import { beforeEach, expect, test } from 'vitest'
import { type KmipHouse, openKmipHouse } from './testing/kmip-house.ts'

const file = new URL('../../../../vectors/kmip/golden.json', import.meta.url)
const golden = new Map(
  (JSON.parse(readFileSync(file, 'utf8')) as { name: string; hex: string }[]).map(({ name, hex }) => [name, hex]),
)
const vectorId = Buffer.from('6f1c2d3e-0a1b-4c2d-8e3f-112233445566').toString('hex')
const vectorMaterial = Array.from({ length: 32 }, (_, byte) => byte.toString(16).padStart(2, '0')).join('')

let house: KmipHouse
beforeEach(async () => {
  house = await openKmipHouse()
  house.time = 0x65000000 * 1_000
})

/** Sends a vector for the object `id`; answers as the vectors have it: their identifier in the place of ours. */
async function exchange(name: string, id?: string): Promise<string> {
  const ours = id === undefined ? vectorId : Buffer.from(id).toString('hex')
  const request = (golden.get(name) ?? '').replaceAll(vectorId, ours)
  const { bytes, close } = await house.client.raw(Buffer.from(request, 'hex'))
  expect(close).toBe(false)
  return (bytes ?? Buffer.alloc(0)).toString('hex').replaceAll(ours, vectorId)
}

test('the whole sequence is answered as recorded', async () => {
  expect(await exchange('V1')).toBe(golden.get('V2'))
  // The vendor's name is another one, and so the lengths.
  expect(await exchange('V3')).toContain(Buffer.from('Keywitness').toString('hex'))
  const created = Buffer.from(await exchange('V5'), 'hex')
  const id = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(created.toString('latin1'))?.[0] ?? ''
  expect(created.toString('hex').replace(Buffer.from(id).toString('hex'), vectorId)).toBe(golden.get('V6'))
  expect(await exchange('V7', id)).toBe(golden.get('V8'))
  const added = await exchange('V9', id)
  expect(house.logged).toEqual([])
  expect(added).toBe(golden.get('V10'))
  const got = await exchange('V11', id)
  const at = golden.get('V12')?.indexOf(vectorMaterial) ?? -1
  expect(got.slice(0, at) + vectorMaterial + got.slice(at + vectorMaterial.length)).toBe(golden.get('V12'))
  expect(await exchange('V13', id)).toBe(golden.get('V14'))
  expect(await exchange('V15', id)).toBe(golden.get('V16'))
})

test('each step is witnessed with its object, and Query and Discover Versions are not', async () => {
  await exchange('V1')
  await exchange('V3')
  const before = house.events().length
  const created = Buffer.from(await exchange('V5'), 'hex').toString('latin1')
  const id = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(created)?.[0] ?? ''
  for (const name of ['V7', 'V9', 'V11', 'V13', 'V15']) await exchange(name, id)
  const events = house.events().slice(before)
  expect(events.map(({ action }) => action.replace('hs-crypto.', ''))).toEqual([
    'kmip-key.create',
    'kmip-key-attributes.retrieve',
    'kmip-key-attributes.update',
    'kmip-key-attributes.update',
    'kmip-key-attributes.update',
    'kmip-key.read',
    'kmip-key-attributes.retrieve',
    'kmip-key.activate',
  ])
  for (const event of events) {
    expect(event.target.id).toMatch(new RegExp(`:kmip-object:${id}$`))
    expect(event.initiator).toMatchObject({
      id: `CertificateID-${house.client.peer.fingerprint}`,
      name: 'host',
      typeURI: 'service/security/client/certificateid',
      credential: { type: 'certificate' },
      host: {},
    })
    expect(event.requestData).toMatchObject({ adapterId: house.client.adapter.id, protocolVersion: '1.1' })
    expect(event.responseData).toMatchObject({ keyId: id })
  }
  expect(events[0]).toMatchObject({
    reason: { reasonCode: 201 },
    requestData: {
      operation: 'Create',
      objectType: 'SymmetricKey',
      cryptographicAlgorithm: 'AES',
      cryptographicLength: 256,
      usageMask: 12,
      uniqueBatchItemId: '514c4b4301000000',
    },
    responseData: { kmipState: 1, rootKeyId: house.client.adapter.crk },
  })
  // The three items of one message belong together, and what they hold is nobody's business.
  expect(new Set(events.slice(2, 5).map(({ correlationId }) => correlationId)).size).toBe(1)
  expect(events.slice(2, 5).map(({ requestData }) => requestData['attributeNames'])).toEqual([
    ['x-Product_Version'],
    ['x-Vendor'],
    ['x-Product'],
  ])
  expect(JSON.stringify(events)).not.toMatch(/VMware|vSphere/)
  expect(events[7]?.responseData).toMatchObject({ initialValue: { kmipState: 1 }, newValue: { kmipState: 2 } })
})
