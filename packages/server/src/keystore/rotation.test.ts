/** A master key rotation takes what keystores hold with it: under the new master key, with nothing else of it changed. */
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { insertRotation, nothingUnder, putInForce, readMasterKeys } from '../units/master-keys.ts'
import { Rotations } from '../units/rotation.ts'
import type { StoredObject } from './keystore-row.ts'
import { openKeystoreHouse, patternInForce } from './testing/keystore-house.ts'

const next = 'b'.repeat(64)
const keystore = '0f8fad5b-d9cb-469f-a165-70867728950e'

/** All of an object but how it is protected. */
function unprotected(stored: StoredObject): object {
  return { ...stored, object: undefined, wkid: undefined }
}

function openRotatingHouse() {
  const opened = openKeystoreHouse()
  const { house, ep11 } = opened
  const instance = house.instance.guid
  const begin = (): void => {
    const total = readMasterKeys(house.store).countUnder(instance, patternInForce)
    for (const { sql, params } of [
      insertRotation({ instance, former: patternInForce, pattern: next, total, startedAt: 0, startedBy: 'me' }),
      putInForce(instance, next, 0),
    ]) {
      house.store.run(sql, params)
    }
    ep11.patterns.former = ep11.patterns.inForce
    ep11.patterns.inForce = next
  }
  /** Walks until the rotation says that it is complete, or broken. */
  const walk = async (): Promise<'completed' | 'broken'> => {
    const { promise, resolve } = Promise.withResolvers<'completed' | 'broken'>()
    const rotations = new Rotations({
      store: house.store,
      units: { client: { reencrypt: () => Promise.reject(new Error('no key of the key service is there')) }, ep11 },
      clock: { now: () => 1 },
      log: pino({ level: 'silent' }),
      carry: async (changes) => {
        await house.carry(changes)
        if ((readMasterKeys(house.store).rotation(instance)?.broken ?? 0) > 0) resolve('broken')
      },
      completed: () => {
        resolve('completed')
        return Promise.resolve()
      },
      direct: () => undefined,
    })
    rotations.resume()
    const end = await promise
    await rotations.stop()
    return end
  }
  const isFree = (): boolean => {
    const { sql, params } = nothingUnder(instance, patternInForce)
    return house.store.get(sql, ...params) !== undefined
  }
  return { ...opened, instance, begin, walk, isFree }
}

test('each key is under the new master key afterwards, with its version and attributes; certificates are left alone', async () => {
  const { ask, ep11, begin, walk, isFree, house } = openRotatingHouse()
  await ask.create({ id: keystore })
  for (let stored = 0; stored < 100; stored++) await ask.store(keystore)
  await ask.store(keystore, { object: Buffer.from('data'), attributes: new Map([[0, 0]]) })
  const before = (await ask.keysByIds(keystore)).objects
  begin()
  expect(isFree()).toBe(false)
  expect(readMasterKeys(house.store).rotation(house.instance.guid)?.total).toBe(100)
  expect(await walk()).toBe('completed')
  expect(isFree()).toBe(true)
  ep11.patterns.former = undefined
  const after = (await ask.keysByIds(keystore)).objects
  expect(after.map(unprotected)).toEqual(before.map(unprotected))
  const isKey = after.map((_, index) => index < 100)
  expect(after.map(({ wkid }) => wkid)).toEqual(isKey.map((is) => (is ? next.slice(0, 32) : null)))
  const lengths = (objects: readonly StoredObject[]) => objects.map(({ object }) => object?.length)
  expect(lengths(after)).toEqual(lengths(before))
  const same = after.map(({ object = [] }, index) =>
    Buffer.from(object).equals(Buffer.from(before[index]?.object ?? [])),
  )
  expect(same).toEqual(isKey.map((is) => !is))
})

test('keys that are stored, changed and deleted while it runs are neither lost nor left behind', async () => {
  const { ask, ep11, begin, walk, isFree, house } = openRotatingHouse()
  await ask.create({ id: keystore })
  const keys: string[] = []
  for (let stored = 0; stored < 80; stored++) keys.push((await ask.store(keystore)).id)
  begin()
  let step = 0
  ep11.meanwhile = async () => {
    const at = step++
    ep11.meanwhile = undefined
    if (at === 0) await ask.destroy({ keystore, key: keys[0] })
  }
  const walking = walk()
  await ask.update({ keystore, key: keys[1] }, { object: ep11.key() })
  await ask.update({ keystore, key: keys[2] }, { attributes: new Map([[3, Buffer.from('label')]]) })
  await ask.store(keystore)
  await ask.remove((await ask.create()).id)
  expect(await walking).toBe('completed')
  expect(isFree()).toBe(true)
  expect(house.store.all('SELECT DISTINCT wkid FROM keystore_objects')).toEqual([{ wkid: next.slice(0, 32) }])
})

test('a key that was made just before a rotation is stored during it, under the new master key; afterwards it is not', async () => {
  const { ask, ep11, begin, walk, house } = openRotatingHouse()
  await ask.create({ id: keystore })
  const [first, second, third] = [ep11.key(), ep11.key(), ep11.key()]
  const { id } = await ask.store(keystore)
  begin()
  const tx = 'aa'.repeat(16)
  const stored = await ask.store(keystore, { object: first, tx })
  expect([stored.wkid, stored.object?.length]).toEqual([next.slice(0, 32), first.length])
  expect(stored.object?.subarray(32, 48)).toEqual(Buffer.from(next.slice(0, 32), 'hex'))
  const again = await ask.store(keystore, { object: first, tx })
  expect([again.id, Buffer.from(again.object ?? [])]).toEqual([stored.id, stored.object])
  expect(await walk()).toBe('completed')
  // Blobs are all wrapped anew, and units may activate: until the last one has, the old key still opens.
  const updated = await ask.update({ keystore, key: id }, { object: second })
  expect(updated.wkid).toBe(next.slice(0, 32))
  ep11.patterns.former = undefined
  await expect(ask.store(keystore, { object: third })).rejects.toMatchObject({ code: 'KEYSTORE_OTHER_MASTER_KEY' })
  expect(house.store.all('SELECT DISTINCT wkid FROM keystore_objects')).toEqual([{ wkid: next.slice(0, 32) }])
})

test('a key that does not open holds the rotation up, and nothing else is lost; what a unit says of itself does not', async () => {
  const { ask, ep11, begin, walk, instance, house } = openRotatingHouse()
  await ask.create({ id: keystore })
  for (let stored = 0; stored < 3; stored++) await ask.store(keystore)
  house.store.run('UPDATE keystore_objects SET blob = zeroblob(length(blob)) WHERE number = 2', [])
  begin()
  let refusals = 2
  ep11.fault = 'CKR_DEVICE_REMOVED'
  ep11.meanwhile = () => {
    if (refusals-- === 0) ep11.fault = undefined
  }
  expect(await walk()).toBe('broken')
  expect(readMasterKeys(house.store).rotation(instance)).toMatchObject({ state: 'started', broken: 1 })
  expect(readMasterKeys(house.store).countUnder(instance, next)).toBe(2)
})

test('what is left of a deleted keystore is walked, too, as long as it is there', async () => {
  const { ask, begin, walk, isFree } = openRotatingHouse()
  await ask.create({ id: keystore })
  await ask.store(keystore)
  await ask.remove(keystore)
  begin()
  expect(await walk()).toBe('completed')
  expect(isFree()).toBe(true)
})
