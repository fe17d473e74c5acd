/** Lists and searches page by page: what is found, what changes meanwhile, and that no page is larger or dearer than it may be. */
import { attributeTypes } from '@keywitness/crypto-unit/ep11/attributes'
import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { Refusal } from '../errors.ts'
import type { Attributes, Value } from './attributes.ts'
import { keystoreLimits } from './limits.ts'
import type { ObjectPage } from './object-pages.ts'
import { type KeystoreHouse, openKeystoreHouse } from './testing/keystore-house.ts'

const { CKA_CLASS, CKA_ENCRYPT, CKA_ID, CKA_KEY_TYPE, CKA_LABEL, CKA_SUBJECT } = attributeTypes
const one = '0f8fad5b-d9cb-469f-a165-70867728950e'
const two = '7c9e6679-7425-40de-944b-e07fc1f90ae7'

let keystores: KeystoreHouse
beforeEach(async () => {
  keystores = openKeystoreHouse()
  await keystores.ask.create({ id: one })
  await keystores.ask.create({ id: two, type: 'private' })
})

const text = (label: string): Buffer => Buffer.from(label)
const said = (...attributes: [number, Value][]): { attributes: Attributes } => ({ attributes: new Map(attributes) })
const idsIn = ({ objects }: ObjectPage): string[] => objects.map(({ id }) => id)

/** All pages in turn. */
async function walked(ask: (token: Buffer | undefined) => Promise<ObjectPage>, between = () => Promise.resolve()) {
  const pages: string[][] = []
  let token: Buffer | undefined
  do {
    const page = await ask(token)
    pages.push(idsIn(page))
    token = page.next
    await between()
  } while (token !== undefined)
  return pages
}

async function isWrongToken(call: Promise<unknown>): Promise<boolean> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof Refusal && error.code === 'KEYSTORE_PAGE_TOKEN'
}

test('all that is said must be so; who searches learns what the object says itself, too', async () => {
  const { ask, house } = keystores
  const billing = await ask.store(one, said([CKA_LABEL, text('billing')], [CKA_ID, text('1')]))
  const other = await ask.store(two, said([CKA_LABEL, text('billing')], [CKA_ID, text('2')]))
  const certificate = await ask.store(one, { object: text('x'), ...said([CKA_CLASS, 1], [CKA_LABEL, text('billing')]) })
  const found = async (...attributes: [number, Value][]) => idsIn(await ask.search(said(...attributes)))
  expect(await found([CKA_LABEL, text('billing')])).toEqual([billing.id, certificate.id, other.id])
  expect(await found([CKA_LABEL, text('billing')], [CKA_CLASS, 4])).toEqual([billing.id, other.id])
  expect(await found([CKA_ID, text('2')], [CKA_LABEL, text('billing')])).toEqual([other.id])
  expect(await found([CKA_KEY_TYPE, 0x1f], [CKA_ENCRYPT, true])).toEqual([billing.id, other.id])
  expect(await found([CKA_ENCRYPT, true])).toEqual([billing.id, other.id])
  expect(await found([CKA_LABEL, text('bill')])).toEqual([])
  expect(await found([CKA_SUBJECT, text('billing')])).toEqual([])
  expect(await found()).toHaveLength(3)
  await ask.search({ keystoreIds: [two], ...said([CKA_LABEL, text('billing')]) })
  expect(house.lastEvent()).toMatchObject({
    action: 'hs-crypto.keystore.listkeysbyattributes',
    severity: 'normal',
    requestData: { keystoreIds: [two], attributeNames: ['CKA_LABEL'] },
    responseData: { totalResources: 1 },
  })
  expect(JSON.stringify(house.events())).not.toContain(text('billing').toString('base64'))
})

test('a keystore that is named and is not there is said to be missing; a failed search is told of', async () => {
  const { ask, house } = keystores
  const missing = '11111111-2222-4333-8444-555555555555'
  await expect(ask.search({ keystoreIds: [one, missing] })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(house.lastEvent()).toMatchObject({ outcome: 'failure', reason: { reasonCode: 404 } })
})

test('what is deleted or said otherwise is not found any more by what it was', async () => {
  const { ask } = keystores
  const first = await ask.store(one, said([CKA_LABEL, text('a')]))
  const second = await ask.store(one, said([CKA_LABEL, text('a')]))
  await ask.destroy({ keystore: one, key: first.id })
  await ask.update({ keystore: one, key: second.id }, said([CKA_LABEL, text('b')]))
  expect(idsIn(await ask.search(said([CKA_LABEL, text('a')])))).toEqual([])
  expect(idsIn(await ask.search(said([CKA_LABEL, text('b')])))).toEqual([second.id])
})

test('lists by ids leave out what is not there, and their event has the ids', async () => {
  const { ask, house } = keystores
  const [first, second] = [await ask.store(one), await ask.store(one)]
  const missing = '11111111-2222-4333-8444-555555555555'
  expect(idsIn(await ask.keysByIds(one, { ids: [second.id, missing, first.id] }))).toEqual([first.id, second.id])
  expect(house.lastEvent()).toMatchObject({
    action: 'hs-crypto.keystore.listkeysbyids',
    severity: 'normal',
    requestData: { keystoreId: one, ids: [second.id, missing, first.id] },
    responseData: { totalResources: 2 },
  })
  const bare = await ask.keysByIds(one, { withObjects: false })
  expect(bare.objects.map(({ object }) => object)).toEqual([undefined, undefined])
})

test('a page token is good for its own question, and for no other, nor for what somebody made up', async () => {
  const { ask } = keystores
  for (let stored = 0; stored < 3; stored++) await ask.store(one)
  const { next: ofList } = await ask.keysByIds(one, { limit: 1 })
  const { next: ofSearch } = await ask.search({ limit: 1 })
  expect(idsIn(await ask.keysByIds(one, { limit: 2, token: ofList }))).toHaveLength(2)
  for (const wrong of [
    ask.keysByIds(two, { token: ofList }),
    ask.search({ token: ofList }),
    ask.keysByIds(one, { token: ofSearch }),
    ask.search({ token: ofSearch, keystoreIds: [one] }),
    ask.search({ token: ofSearch, ...said([CKA_CLASS, 4]) }),
    ask.keysByIds(one, { token: Buffer.from('made up') }),
    ask.keysByIds(one, { token: Buffer.alloc(28) }),
  ]) {
    expect(await isWrongToken(wrong)).toBe(true)
  }
})

test('objects that come and go while somebody reads page by page: each that stays is read exactly once', async () => {
  const { ask } = keystores
  const step = fc.record({ what: fc.constantFrom('store', 'destroy', 'update'), which: fc.nat(30) })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), fc.integer({ min: 1, max: 4 }), async (steps, limit) => {
      const { id } = await ask.create()
      const before: string[] = []
      for (let stored = 0; stored < 7; stored++) before.push((await ask.store(id, said([CKA_LABEL, text('all')]))).id)
      const gone = new Set<string>()
      const left = [...steps]
      const between = async () => {
        const next = left.shift()
        const key = before[(next?.which ?? 0) % before.length] as string
        if (next?.what === 'store') await ask.store(id, said([CKA_LABEL, text('all')]))
        else if (next !== undefined && !gone.has(key)) {
          if (next.what === 'destroy') {
            gone.add(key)
            await ask.destroy({ keystore: id, key })
          } else {
            const [now] = (await ask.keysByIds(id, { ids: [key] })).objects
            await ask.update({ keystore: id, key }, { version: now?.version ?? 0 })
          }
        }
      }
      const pages = await walked(
        (token) => ask.search({ ...said([CKA_LABEL, text('all')]), keystoreIds: [id], limit, token }),
        between,
      )
      const read = pages.flat()
      expect(new Set(read).size).toBe(read.length)
      expect(before.filter((key) => !gone.has(key) && !read.includes(key))).toEqual([])
      expect(pages.every((page) => page.length <= limit)).toBe(true)
    }),
    { numRuns: 40 },
  )
})

test('a page ends before it is larger than clients take, with at least one object', async () => {
  const { ask } = keystores
  const object = Buffer.alloc(keystoreLimits.objectBytes, 1)
  for (let stored = 0; stored < 100; stored++) await ask.store(one, { object, ...said([CKA_CLASS, 0]) })
  const lists = await walked((token) => ask.keysByIds(one, { token }))
  const searches = await walked((token) => ask.search({ token }))
  for (const pages of [lists, searches]) {
    expect(pages.flat()).toHaveLength(100)
    const most = Math.max(...pages.map((page) => page.length))
    expect([most * keystoreLimits.objectBytes <= keystoreLimits.pageBytes, most]).toEqual([true, 47])
  }
  const bare = await walked((token) => ask.keysByIds(one, { token, withObjects: false }))
  expect(bare).toHaveLength(1)
})

test('a search looks at a bounded number of objects for each page, and its token leads on past what does not fit', async () => {
  const { ask, house } = keystores
  const { id } = await ask.store(one, said([CKA_LABEL, text('last')], [CKA_ID, text('common')]))
  const copies = keystoreLimits.searched + 10
  // As many others before it, as if they had been stored one by one.
  house.store.run(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     INSERT INTO keystore_objects (number, instance, keystore, id, version, class, key_type, given, told, object_bytes,
       attribute_bytes, wkid, blob, created_at, created_by)
     SELECT 10 + i, instance, keystore, 'copy-' || i, 0, class, key_type, '{}', told, object_bytes, attribute_bytes, wkid, blob,
       0, 'me' FROM keystore_objects, n WHERE number = 1`,
    [copies],
  )
  house.store.run('UPDATE keystore_objects SET number = 1000000 WHERE number = 1', [])
  house.store.run('UPDATE keystore_attributes SET object = 1000000', [])
  const pages = await walked((token) => ask.search({ ...said([CKA_ENCRYPT, true], [CKA_LABEL, text('last')]), token }))
  expect(pages).toEqual([[id]])
  const slow = await walked((token) => ask.search({ ...said([CKA_ENCRYPT, false]), token }))
  expect(slow).toEqual([[], []])
})
