/** Exchanges recorded between PyKMIP's client and its own server (vectors/kmip/pykmip.json), replayed over TLS against ours. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { answersOf, childrenOf } from '@keywitness/server/kmip/testing/messages'
import { decode } from '@keywitness/server/kmip/ttlv/decode'
import { encode } from '@keywitness/server/kmip/ttlv/encode'
import type { Item } from '@keywitness/server/kmip/ttlv/item'
import { tags } from '@keywitness/server/kmip/ttlv/tags'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  Client,
  connectKmip,
  type KmipConnection,
  kmipPlace,
  newKmipSite,
  type Product,
  startProduct,
} from '../src/index.ts'

const file = join(import.meta.dirname, '../../../vectors/kmip/pykmip.json')
const recorded = new Map(
  (JSON.parse(readFileSync(file, 'utf8')) as { name: string; request: string; response: string }[]).map(
    ({ name, request, response }) => [name, { request: read(request), response: read(response) }],
  ),
)

function read(hex: string): Item {
  return decode(Buffer.from(hex, 'hex'))
}

let product: Product
let connection: KmipConnection
/** Identifiers of ours by those of the recording. */
const ours = new Map<string, string>()

beforeAll(async () => {
  product = await startProduct()
  const client = await new Client(product).signIn()
  const { identity } = await newKmipSite(client, 'recorded')
  connection = await connectKmip(kmipPlace(product), identity)
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

function mapped(item: Item, change: (item: Item) => Item | undefined): Item {
  if (item.type !== 'Structure') return item
  const value = item.value.flatMap((child) => {
    const changed = change(child)
    return changed === undefined ? [] : [mapped(changed, change)]
  })
  return { ...item, value }
}

/** Sends a recorded request, about our objects: what was recorded, and what comes here. */
async function replayed(name: string): Promise<{ recorded: Item; answer: Item }> {
  const { request, response } = recorded.get(name) ?? { request: read(''), response: read('') }
  const about = mapped(request, (item) =>
    item.tag === tags.UniqueIdentifier && item.type === 'TextString'
      ? { ...item, value: ours.get(item.value) ?? item.value }
      : item,
  )
  return { recorded: response, answer: decode(await connection.exchange(encode(about))) }
}

/** Without what is another thing each time: times, texts for people, identifiers; attributes may come in any order. */
function shape(message: Item): Item {
  return mapped(message, (item) => {
    if (item.tag === tags.TimeStamp || item.tag === tags.ResultMessage) return undefined
    // Where there is no index it is 0 (KMIP 1.4, section 2.1.1).
    if (item.tag === tags.AttributeIndex && item.value === 0) return undefined
    if (item.tag === tags.ResponsePayload && item.type === 'Structure') {
      const rank = (field: Item): string =>
        field.tag === tags.Attribute ? JSON.stringify(childrenOf(field)[0]?.value) : ''
      return { ...item, value: item.value.toSorted((one, other) => rank(one).localeCompare(rank(other))) }
    }
    return item.tag === tags.UniqueIdentifier && item.type === 'TextString' ? { ...item, value: 'identifier' } : item
  })
}

/** Of a list of attributes the names that both servers give: ours knows more, and theirs gives each object a policy's name. */
function told(name: string, message: Item): unknown {
  if (name !== 'A1.10') return shape(message)
  const both = new Set<unknown>([
    'Object Type',
    'Cryptographic Algorithm',
    'Cryptographic Length',
    'State',
    'Initial Date',
    'Name',
  ])
  return (answersOf(message)[0]?.fields ?? []).flatMap(({ value }) => (both.has(value) ? [value] : []))
}

function identifiersOf(message: Item): string[] {
  const found: string[] = []
  mapped(message, (item) => {
    if (item.tag === tags.UniqueIdentifier && item.type === 'TextString') found.push(item.value)
    return item
  })
  return found
}

test('the life of objects is answered field by field as PyKMIP’s server answered it', async () => {
  const life = Array.from({ length: 17 }, (_, index) => `A1.${index + 1}`)
  const answered: unknown[] = []
  const expected: unknown[] = []
  for (const name of life) {
    const { recorded: then, answer } = await replayed(name)
    identifiersOf(then).forEach((id, place) => ours.set(id, identifiersOf(answer)[place] ?? ''))
    answered.push([name, told(name, answer)])
    expected.push([name, told(name, then)])
  }
  expect(answered).toEqual(expected)
  expect(ours.size).toBe(4)
})

test('versions that are offered are answered as PyKMIP’s server answered them, without 2.0', async () => {
  const { recorded: then, answer } = await replayed('A2.3')
  expect(shape(answer)).toEqual(shape(then))
  const all = await replayed('A2.2')
  const versions = (message: Item): readonly Item[] => answersOf(message)[0]?.fields ?? []
  expect(versions(all.answer)).toEqual(versions(all.recorded).slice(1))
})

test('where PyKMIP’s server could do less or answered something else than the standard says, ours does not', async () => {
  const query = await replayed('A2.1')
  const counts = (message: Item, tag: number): number =>
    (answersOf(message)[0]?.fields ?? []).filter((field) => field.tag === tag).length
  expect([counts(query.recorded, tags.ObjectType), counts(query.answer, tags.ObjectType)]).toEqual([0, 6])
  expect(answersOf(query.answer)[0]?.status).toBe('Success')

  const check = await replayed('A4.1')
  expect(answersOf(check.recorded)[0]?.reason).toBe('OperationNotSupported')
  expect(answersOf(check.answer)[0]?.reason).not.toBe('OperationNotSupported')
  const add = await replayed('A4.2')
  expect(answersOf(add.recorded)[0]?.reason).toBe('InvalidMessage')
  expect(answersOf(add.answer)[0]).toMatchObject({ operation: 'AddAttribute' })
  const large = await replayed('A4.3')
  expect(answersOf(large.answer)[0]).toMatchObject({ status: 'OperationFailed', reason: 'ResponseTooLarge' })
  const version = await replayed('A4.4')
  expect(answersOf(version.answer)).toMatchObject([{ operation: undefined, reason: 'InvalidMessage' }])
  const header = childrenOf(childrenOf(version.answer)[0] as Item)
  expect(childrenOf(header[0] as Item).map(({ value }) => value)).toEqual([1, 0])
})
