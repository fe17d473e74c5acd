/** The golden messages and those of PyKMIP, as requests read and as responses made. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decode } from '../ttlv/decode.ts'
import { enumerations, type ResultReason } from '../ttlv/enumerations.ts'
import { enumeration, type Item, structure, text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { newerThan } from './gating.ts'
import { parseRequest } from './request.ts'
import { encodeResponse, messageFailure, protocolVersion, type ResponseItem } from './response.ts'
import { supportedVersions, type Version } from './version.ts'

const vectors = new URL('../../../../../vectors/kmip/', import.meta.url)
const read = <T>(file: string): T[] => JSON.parse(readFileSync(new URL(file, vectors), 'utf8')) as T[]
const golden = new Map(read<{ name: string; hex: string }>('golden.json').map(({ name, hex }) => [name, hex]))
const exchanges = read<{ name: string; request: string; response: string }>('pykmip.json')
const hexOf = (name: string): string => golden.get(name) as string
const itemOf = (hex: string): Item => decode(Buffer.from(hex, 'hex'))
const parsed = (name: string) => parseRequest(itemOf(hexOf(name)))

const { Operation } = enumerations
const oneOne = { major: 1, minor: 1 }
const oneFour = { major: 1, minor: 4 }
const timeStamp = 0x65000000n
const uniqueIdentifier = text(tags.UniqueIdentifier, '6f1c2d3e-0a1b-4c2d-8e3f-112233445566')
const id = (number: number): Buffer => Buffer.from([0x51, 0x4c, 0x4b, 0x43, number, 0, 0, 0])
const payload = (...items: Item[]) => structure(tags.ResponsePayload, items)

test.each([
  ['V1', oneOne, [Operation.DiscoverVersions]],
  ['V3', oneOne, [Operation.Query]],
  ['V5', oneOne, [Operation.Create]],
  ['V7', oneOne, [Operation.GetAttributes]],
  ['V9', oneOne, [Operation.AddAttribute, Operation.AddAttribute, Operation.AddAttribute]],
  ['V11', oneOne, [Operation.Get]],
  ['V13', oneOne, [Operation.GetAttributes]],
  ['V15', oneOne, [Operation.Activate]],
  ['V17', oneFour, [Operation.Revoke]],
  ['V18', oneFour, [Operation.Destroy]],
  ['V21', oneFour, [Operation.Locate]],
  ['V23', oneFour, [Operation.Create, Operation.Activate]],
  ['V26', { major: 1, minor: 2 }, [Operation.DiscoverVersions]],
])('%s is read as the request that it is', (name, version, operations) => {
  const request = parsed(name)
  expect(request).toMatchObject({ version, answerVersion: version })
  expect(request.items.map(({ operation }) => operation)).toEqual(operations)
})

test('ids, payloads, the order and an empty credential are read from where they stand', () => {
  expect(parsed('V1').items[0]).toMatchObject({ id: undefined, payload: { value: [] }, extension: undefined })
  expect(parsed('V9').items.map((item) => Buffer.from(item.id as Uint8Array))).toEqual([id(1), id(2), id(3)])
  expect(parsed('V15').items[0]?.payload.value).toEqual([uniqueIdentifier])
  expect(parsed('V15').header).toEqual({
    maximumResponseSize: undefined,
    clientCorrelationValue: undefined,
    serverCorrelationValue: undefined,
    asynchronous: undefined,
    credentials: [],
    batchErrorContinuation: 'Stop',
    batchOrder: false,
    timeStamp: undefined,
  })
  expect(parsed('V23').header.batchOrder).toBe(true)
  expect(parsed('V26').header.credentials).toEqual([{ type: 1, userName: '' }])
})

test.each(['V24', 'V25'])('%s, of version 2.1, is refused', (name) => {
  expect(() => parsed(name)).toThrow(expect.objectContaining({ reason: 'InvalidMessage' }))
})

test.each(exchanges.filter(({ name }) => name !== 'A4.4'))('the request of $name is read', ({ request }) => {
  const { version, items } = parseRequest(itemOf(request))
  expect(supportedVersions).toContainEqual(version)
  expect(items).toHaveLength(1)
})

const success = (operation: number, number: number | undefined, ...items: Item[]): ResponseItem => ({
  operation,
  id: number === undefined ? undefined : id(number),
  status: 'Success',
  payload: payload(...items),
})

const locatedNone = structure(tags.ResponsePayload, [{ tag: tags.LocatedItems, type: 'Integer', value: 0 }])
test.each<[string, Version, ResponseItem]>([
  ['V2', oneOne, success(Operation.DiscoverVersions, undefined, ...supportedVersions.map(protocolVersion))],
  ['V4', oneOne, success(Operation.Query, 1, text(tags.VendorIdentification, 'Example'))],
  ['V6', oneOne, success(Operation.Create, 1, enumeration(tags.ObjectType, 2), uniqueIdentifier)],
  ['V8', oneOne, success(Operation.GetAttributes, 1, uniqueIdentifier)],
  ['V16', oneOne, success(Operation.Activate, 1, uniqueIdentifier)],
  [
    'V19',
    oneFour,
    { operation: Operation.Destroy, status: 'OperationFailed', reason: 'PermissionDenied', message: 'DENIED' },
  ],
  ['V22', oneFour, { operation: Operation.Locate, status: 'Success', payload: locatedNone }],
])('the response %s is made byte for byte', (name, version, item) => {
  expect(encodeResponse({ version, timeStamp, items: [item] }).toString('hex')).toBe(hexOf(name))
})

test('the response to a message that cannot be read is made byte for byte', () => {
  const reason: ResultReason = 'InvalidMessage'
  const made = messageFailure({ major: 1, minor: 0 }, timeStamp, reason, 'Invalid message')
  expect(made.toString('hex')).toBe(hexOf('V20'))
})

test.each(['V2', 'V4', 'V6', 'V8', 'V10', 'V12', 'V14', 'V16', 'V19', 'V20', 'V22'])(
  'nothing of the response %s is newer than its version',
  (name) => {
    const response = itemOf(hexOf(name))
    const isOneFour = name === 'V19' || name === 'V22'
    expect(newerThan(response, isOneFour ? oneFour : oneOne)).toEqual([])
  },
)
