/** Rotation by policy: when it is due, that it happens once, and what stops the clock. */
import pino from 'pino'
import { expect, test } from 'vitest'
import { readInstances } from '../instances/instances.ts'
import { openHouse } from '../keys/testing/house.ts'
import { createTimers } from '../timers/timers.ts'
import { rotationJob } from './rotation-job.ts'
import { envelope, newKey, openListeners, policy } from './testing/listeners.ts'

const day = 24 * 3_600_000
const month = 30 * day

function open() {
  const house = openHouse()
  const listeners = openListeners(house)
  let monotonic = 0
  const clock = { now: () => house.time, monotonic: () => monotonic }
  const parts = {
    reader: house.store,
    audit: house.audit,
    instances: readInstances(house.store),
    keys: house.parts,
    clock,
    serviceName: 'Keywitness',
  }
  const log = pino({ level: 'trace' }, { write: (line) => void house.logged.push(line) })
  return {
    house,
    ...listeners,
    job: rotationJob(parts),
    /** Time goes by, for both clocks. */
    wait(milliseconds: number): void {
      house.time += milliseconds
      monotonic += milliseconds
    },
    /** A server that starts now and does what is due, as the real timers do it. */
    async start(): Promise<void> {
      const timers = createTimers({ clock, log })
      timers.add(rotationJob(parts))
      timers.start()
      await timers.stop()
    },
    async key(members: object = {}, interval_month = 1): Promise<string> {
      const made = await listeners.ask('POST', '/keys', { body: newKey(members) })
      const id = String(made.json().resources[0]?.['id'])
      const body = envelope({ rotation: { interval_month } })
      const put = await listeners.ask('PUT', `/keys/${id}/policies`, { body })
      if (put.status !== 200) throw new Error(`the policy was refused: ${put.body}`)
      return id
    },
    async versions(id: string): Promise<number> {
      return house.store.get<{ versions: number }>('SELECT versions FROM keys WHERE id = ?', id)?.versions ?? 0
    },
    rotations: () => house.events().filter(({ action }) => action === 'hs-crypto.secrets.rotate'),
  }
}

test('a key is rotated when its newest version is as old as the interval, by the server itself', async () => {
  const { house, job, key, wait, start, versions, rotations } = open()
  const made = house.time
  const id = await key({}, 2)
  expect(job.nextDue()).toBe(made + 2 * month)
  wait(2 * month - 1)
  await start()
  expect(await versions(id)).toBe(1)
  wait(1)
  await start()
  expect(await versions(id)).toBe(2)
  expect(rotations()).toHaveLength(1)
  expect(rotations()[0]).toMatchObject({
    action: 'hs-crypto.secrets.rotate',
    outcome: 'success',
    severity: 'warning',
    initiator: {
      id: 'iam-ServiceId-keywitness',
      name: 'Keywitness',
      typeURI: 'service/security/account/serviceid',
      host: {},
    },
    target: { id: `${house.instance.crn.slice(0, -2)}:key:${id}`, name: 'billing' },
    requestData: { instanceID: house.instance.guid },
  })
  expect(job.nextDue()).toBe(house.time + 2 * month)
})

test('after a long stop it is caught up once', async () => {
  const { key, wait, start, versions, job, house } = open()
  const id = await key()
  wait(100 * month)
  await start()
  await start()
  expect(await versions(id)).toBe(2)
  expect(job.nextDue()).toBe(house.time + month)
})

test('the events say until when the key must be rotated, and no event of a key without an interval does', async () => {
  const { house, ask, setInstance, key, wait, start } = open()
  const dueDates = (id: string): unknown[] =>
    house
      .events()
      .filter(({ target }) => target.id.endsWith(id))
      .map(({ responseData }) => responseData['rotationDueDate'])
  const after = (time: number): string => new Date(time).toISOString()
  const made = house.time
  const id = await key()
  wait(month)
  await start()
  await ask('PUT', `/keys/${id}/policies`, { body: envelope({ rotation: { enabled: false } }) })
  await ask('POST', `/keys/${id}/actions/rotate`)
  expect(dueDates(id)).toEqual([
    undefined,
    after(made + month + day),
    after(house.time + month + day),
    undefined,
    undefined,
  ])

  const old = String((await ask('POST', '/keys', { body: newKey() })).json().resources[0]?.['id'])
  wait(3 * month)
  await ask('PUT', `/keys/${old}/policies`, { body: envelope({ rotation: { interval_month: 1 } }) })
  expect(dueDates(old)).toEqual([undefined, after(house.time + day)])

  await setInstance(policy('rotation', true, { interval_month: 2 }))
  const born = String((await ask('POST', '/keys', { body: newKey() })).json().resources[0]?.['id'])
  expect(dueDates(born)).toEqual([after(house.time + 2 * month + day)])
})

test('a manual rotation restarts the clock', async () => {
  const { house, ask, key, job, wait, start, versions } = open()
  const id = await key()
  wait(month - day)
  expect((await ask('POST', `/keys/${id}/actions/rotate`)).status).toBe(204)
  expect(job.nextDue()).toBe(house.time + month)
  wait(day)
  await start()
  expect(await versions(id)).toBe(2)
})

test('a rotation by policy keeps nobody from rotating by hand right after, and two by hand stay an hour apart', async () => {
  const { ask, key, wait, start, versions } = open()
  const id = await key()
  wait(month)
  await start()
  expect(await versions(id)).toBe(2)
  expect((await ask('POST', `/keys/${id}/actions/rotate`)).status).toBe(204)
  const again = await ask('POST', `/keys/${id}/actions/rotate`)
  expect([again.status, again.code]).toEqual([409, 'KEY_ROTATION_NOT_PERMITTED'])
})

test('a policy set on an old key acts at once', async () => {
  const { house, ask, job, wait, start, versions } = open()
  const made = await ask('POST', '/keys', { body: newKey() })
  const id = String(made.json().resources[0]?.['id'])
  const created = house.time
  wait(3 * month)
  await ask('PUT', `/keys/${id}/policies`, { body: envelope({ rotation: { interval_month: 1 } }) })
  expect(job.nextDue()).toBe(created + month)
  await start()
  expect(await versions(id)).toBe(2)
})

test.each([2, 3, 5])('nothing is due while the key is in state %i', async (state) => {
  const { house, key, job, wait, start, versions } = open()
  const id = await key()
  house.forceState(id, state)
  expect(job.nextDue()).toBeUndefined()
  wait(2 * month)
  await start()
  expect(await versions(id)).toBe(1)
  house.forceState(id, 1)
  expect(job.nextDue()).toBeLessThan(house.time)
  await start()
  expect(await versions(id)).toBe(2)
})

test('a key that expired meanwhile is left for its deactivation', async () => {
  const { house, key, job, wait, start, versions } = open()
  const id = await key({ expirationDate: new Date(house.time + month + day).toISOString() })
  wait(month + day)
  expect(job.nextDue()).toBeUndefined()
  await start()
  expect(await versions(id)).toBe(1)
})

test('a policy switched off, changed or gone changes what is due', async () => {
  const { house, ask, key, job } = open()
  const made = house.time
  const id = await key()
  const put = (rotation: object) => ask('PUT', `/keys/${id}/policies`, { body: envelope({ rotation }) })
  await put({ enabled: false })
  expect(job.nextDue()).toBeUndefined()
  await put({ enabled: true, interval_month: 12 })
  expect(job.nextDue()).toBe(made + 12 * month)
})

test('a key made under the instance’s policy rotates too; imported and standard keys do not', async () => {
  const { house, ask, setInstance, job, wait, start, versions } = open()
  await setInstance(policy('rotation', true, { interval_month: 1 }))
  const ids: string[] = []
  for (const members of [{}, { extractable: true }, { payload: Buffer.alloc(32, 1).toString('base64') }]) {
    ids.push(String((await ask('POST', '/keys', { body: newKey(members) })).json().resources[0]?.['id']))
  }
  expect(job.nextDue()).toBe(house.time + month)
  wait(month)
  await start()
  expect(await Promise.all(ids.map(versions))).toEqual([2, 1, 1])
})

test('a unit that does not answer is asked again after some minutes, not for every key at once', async () => {
  const { house, job, key, wait, versions, rotations } = open()
  const ids = [await key(), await key(), await key()]
  wait(month)
  house.unit.fault = 'UNAVAILABLE'
  await job.run(house.time)
  expect(rotations().map(({ outcome, reason }) => [outcome, reason.reasonCode])).toEqual([['failure', 503]])
  expect(job.nextDue()).toBeUndefined()
  house.unit.fault = undefined
  wait(5 * 60_000)
  await job.run(house.time)
  expect(await Promise.all(ids.map(versions))).toEqual([2, 2, 2])
})

test('a key that may have no more versions rests for a day and keeps no other from rotating', async () => {
  const { house, job, key, wait, versions, rotations } = open()
  const [full, other] = [await key(), await key()]
  house.store.run('UPDATE keys SET versions = ? WHERE id = ?', [house.parts.limits.versionsPerKey, full])
  wait(month)
  await job.run(house.time)
  expect(await versions(other)).toBe(2)
  expect(rotations().filter(({ outcome }) => outcome === 'failure')).toHaveLength(1)
  expect(job.nextDue()).toBeGreaterThan(house.time)
  wait(day)
  expect(job.nextDue()).toBeLessThan(house.time)
})

test('a policy switched off while its rotation is being decided wins', async () => {
  const { house, ask, key, job, wait, versions, rotations } = open()
  const id = await key()
  wait(month)
  let isFirst = true
  house.unit.meanwhile = async () => {
    if (!isFirst) return
    isFirst = false
    await ask('PUT', `/keys/${id}/policies`, { body: envelope({ rotation: { enabled: false } }) })
  }
  await job.run(house.time)
  expect(await versions(id)).toBe(1)
  expect(rotations().map(({ outcome }) => outcome)).toEqual(['failure'])
})

test('a clock set back makes nothing rotate twice', async () => {
  const { house, key, wait, start, versions } = open()
  const id = await key()
  wait(month)
  await start()
  house.time -= 10 * day
  await start()
  expect(await versions(id)).toBe(2)
})
