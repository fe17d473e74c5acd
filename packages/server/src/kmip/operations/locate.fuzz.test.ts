/** Locate finds what a plain look at every object finds, whichever way it goes about it, and a client can page through it. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { boolean, dateTime, enumeration, integer, type Item, structure, text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { openKmipHouse } from '../testing/kmip-house.ts'
import { attribute, uid, uidOf } from '../testing/messages.ts'
import {
  activeKey,
  textsOf,
  attributesOf,
  createKey,
  dateAttribute,
  opaqueObject,
  revocation,
  secretData,
} from '../testing/payloads.ts'

const seed = Number(process.env['SEED'] ?? 20_261_126)
const told = { seed, verbose: true }
const unset = 2n ** 63n - 1n

/** Few values, so that they meet. */
const word = fc.constantFrom('a', 'b', 'c')
const mask = fc.constantFrom(0, 4, 8, 12)
const second = fc.integer({ min: 0, max: 4 })

interface Traits {
  readonly kind: 'key' | 'active' | 'revoked' | 'secret' | 'opaque'
  readonly group: readonly string[]
  readonly contact: string | null
  readonly own: readonly string[]
  readonly link: { readonly type: number; readonly to: string } | null
  readonly mask: number
  readonly activation: number | null
}

const traits: fc.Arbitrary<Traits> = fc.record({
  kind: fc.constantFrom<Traits['kind']>('key', 'active', 'revoked', 'secret', 'opaque'),
  group: fc.uniqueArray(word, { maxLength: 2 }),
  contact: fc.option(word),
  own: fc.uniqueArray(word, { maxLength: 2 }),
  link: fc.option(fc.record({ type: fc.constantFrom(0x108, 0x109), to: word })),
  mask,
  activation: fc.option(second),
})

type Filter = readonly [name: string, value: Item, (seen: Seen) => boolean]

/** What a client reads of an object, by which the plain look decides. */
type Seen = Readonly<Record<string, readonly Item['value'][]>>

const has = (seen: Seen, name: string, value: Item['value']): boolean => seen[name]?.includes(value) === true

function fieldsHave(seen: Seen, name: string, wanted: readonly Item[]): boolean {
  const instances = (seen[name] ?? []) as unknown as readonly (readonly Item[])[]
  return instances.some((fields) =>
    wanted.every(({ tag, value }) => fields.some((field) => field.tag === tag && field.value === value)),
  )
}

const base = 1_000

const filter: fc.Arbitrary<Filter> = fc.oneof(
  word.map((one): Filter => ['Object Group', text(0, one), (seen) => has(seen, 'Object Group', one)]),
  word.map((one): Filter => ['Contact Information', text(0, one), (seen) => has(seen, 'Contact Information', one)]),
  word.map((one): Filter => ['x-Own', text(0, one), (seen) => has(seen, 'x-Own', one)]),
  fc
    .constantFrom(2, 7, 8)
    .map((type): Filter => ['Object Type', enumeration(0, type), (seen) => has(seen, 'Object Type', type)]),
  fc
    .constantFrom(1, 2, 3)
    .map((state): Filter => ['State', enumeration(0, state), (seen) => has(seen, 'State', state)]),
  fc.boolean().map((one): Filter => ['Fresh', boolean(0, one), (seen) => has(seen, 'Fresh', one)]),
  mask.map((one): Filter => [
    'Cryptographic Usage Mask',
    integer(0, one),
    (seen) => (seen['Cryptographic Usage Mask'] ?? []).some((own) => (Number(own) & one) === one),
  ]),
  fc.tuple(fc.option(word), fc.option(fc.constantFrom(0x108, 0x109))).map(([to, type]): Filter => {
    const wanted = [
      ...(type === null ? [] : [enumeration(tags.LinkType, type)]),
      ...(to === null ? [] : [text(tags.LinkedObjectIdentifier, to)]),
    ]
    return ['Link', structure(0, wanted), (seen) => fieldsHave(seen, 'Link', wanted)]
  }),
)

/** A date alone, a range, or that there is none. */
const dates: fc.Arbitrary<readonly Filter[]> = fc
  .array(
    fc.oneof(
      second.map((one) => BigInt(base + one)),
      fc.constant(unset),
    ),
    { maxLength: 2 },
  )
  .map((wanted) => {
    const matchesDate = (seen: Seen): boolean => {
      const own = seen['Activation Date']?.[0]
      if (wanted.length === 1 && wanted[0] === unset) return own === undefined
      if (typeof own !== 'bigint') return false
      const [from = own, to = from] = wanted.toSorted((one, other) => (one < other ? -1 : 1))
      return own >= from && own <= to
    }
    return wanted.map((date): Filter => ['Activation Date', dateTime(0, date), matchesDate])
  })

test(`what Locate finds is what a look at each object finds, newest first, in pages too (seed ${seed})`, async () => {
  const wishes = fc.array(fc.tuple(fc.array(filter, { maxLength: 3 }), dates, fc.integer({ min: 1, max: 4 })), {
    minLength: 12,
    maxLength: 12,
  })
  await fc.assert(
    fc.asyncProperty(fc.array(traits, { minLength: 8, maxLength: 16 }), wishes, async (objects, asked) => {
      const house = await openKmipHouse()
      const ids: string[] = []
      for (const one of objects) ids.unshift(await make(one))
      const seen = new Map<string, Seen>()
      for (const id of ids) seen.set(id, await attributesOf(house.client, id))
      for (const [plain, range, page] of asked) {
        const filters = [...plain, ...range]
        const payload = filters.map(([name, value]) => attribute(name, value))
        const expected = ids.filter((id) => filters.every(([, , isMet]) => isMet(seen.get(id) ?? {})))
        expect([payload, (await located(payload)).found]).toEqual([payload, expected])
        const pages: string[] = []
        for (let offset = 0; offset <= expected.length; offset += page) {
          const part = [integer(tags.MaximumItems, page), integer(tags.OffsetItems, offset)]
          const { total, found } = await located([...part, ...payload])
          expect(total).toBe(expected.length)
          pages.push(...found)
        }
        expect(pages).toEqual(expected)
      }

      async function located(payload: readonly Item[]): Promise<{ total: unknown; found: string[] }> {
        const [total, ...found] = await house.client.ask('Locate', payload)
        return { total: total?.value, found: textsOf(found) }
      }

      async function make(one: Traits): Promise<string> {
        const { client } = house
        const described = [
          ...one.group.map((value) => attribute('Object Group', text(0, value))),
          ...(one.contact === null ? [] : [attribute('Contact Information', text(0, one.contact))]),
          ...one.own.map((value) => attribute('x-Own', text(0, value))),
        ]
        if (one.kind === 'opaque') return uidOf(await client.ask('Register', opaqueObject(Buffer.from('a'), described)))
        const { link, activation } = one
        const used = [
          ...described,
          ...(link === null
            ? []
            : [
                attribute(
                  'Link',
                  structure(0, [enumeration(tags.LinkType, link.type), text(tags.LinkedObjectIdentifier, link.to)]),
                ),
              ]),
          ...(activation === null || one.kind !== 'key' ? [] : [dateAttribute('Activation Date', base + activation)]),
        ]
        if (one.kind === 'secret') return uidOf(await client.ask('Register', secretData(Buffer.from('a'), {}, used)))
        const id = await (one.kind === 'key' ? createKey(client, used, one.mask) : activeKey(client, used, one.mask))
        if (one.kind === 'active') await client.ask('Get', [uid(id)])
        if (one.kind === 'revoked') await client.ask('Revoke', revocation(id, 'Superseded'))
        return id
      }
    }),
    { ...told, numRuns: 8 },
  )
}, 60_000)

test('more objects than are looked at in one turn are all found, by a value of all and by one of few', async () => {
  const house = await openKmipHouse()
  const ids: string[] = []
  for (let batch = 0; batch < 3; batch += 1) {
    const answers = await house.client.send(
      Array.from({ length: 100 }, (_, place) => ({
        operation: 'Register' as const,
        payload: secretData(Buffer.from('a'), {}, [
          attribute('Object Group', text(0, 'all')),
          attribute('x-Place', integer(0, place % 50)),
        ]),
      })),
    )
    for (const { fields } of answers) ids.unshift(uidOf(fields))
  }
  const found = async (...payload: readonly Item[]) =>
    (await house.client.ask('Locate', payload)).slice(1).map(({ value }) => value)
  const group = attribute('Object Group', text(0, 'all'))
  expect(await found()).toEqual(ids)
  expect(await found(group)).toEqual(ids)
  const few = ids.filter((_, place) => (ids.length - 1 - place) % 50 === 7)
  expect(await found(group, attribute('x-Place', integer(0, 7)))).toEqual(few)
  expect(await found(integer(tags.MaximumItems, 10), integer(tags.OffsetItems, 245))).toEqual(ids.slice(245, 255))
})
