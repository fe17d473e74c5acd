/** The end of accepted certificates: told at 30, 7 and 1 days and when it has come, once each, also after a downtime; and measured. */
import { explain, sentence } from '@keywitness/cadf'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readInventories } from '../instances/inventory.ts'
import { startTime } from '../keys/testing/house.ts'
import {
  type Administrator,
  authority,
  type CertificateHouse,
  openCertificateHouse,
} from './testing/certificate-house.ts'

const day = 24 * 3_600_000

let places: CertificateHouse
let ana: Administrator
beforeEach(async () => {
  places = openCertificateHouse()
  ana = await places.administrator()
})
afterEach(() => places.app.close())

const job = () => places.certificates.jobs[0] ?? expect.fail('there is no job')
const ending = (afterMs: number) => authority({ to: startTime + afterMs }).cert

/** Looks at this time, as the timers do; the facts of the events that it brought. */
async function lookAt(afterMs: number): Promise<unknown[]> {
  const { house } = places
  const before = house.events().length
  house.time = startTime + afterMs
  const due = job().nextDue()
  if (due !== undefined && due <= house.time) await job().run(house.time)
  return house
    .events()
    .slice(before)
    .map(({ action, requestData, responseData }) => [
      action.split('.').pop(),
      requestData['certificateId'],
      responseData['remainingCertificates'],
    ])
}

test('the end is told at 30, 7 and 1 days and when it has come, once each, by the service', async () => {
  await ana.set('web', ending(100 * day))
  expect(job().nextDue()).toBe(startTime + 70 * day)
  expect(await lookAt(70 * day - 1)).toEqual([])
  expect(await lookAt(70 * day)).toEqual([['expiring', 'web', 0]])
  const { accepted } = places.certificates
  const { instance } = places.house
  expect(places.house.lastEvent()).toMatchObject({
    action: 'hs-crypto.mtlscert-cert.expiring',
    outcome: 'success',
    severity: 'warning',
    target: { id: instance.crn, name: instance.name },
    initiator: { id: 'iam-ServiceId-keywitness', name: 'Keywitness' },
    requestData: {
      instanceID: instance.guid,
      certificateId: 'web',
      administrator: ana.caller.id,
      fingerprint: accepted(instance.guid).anchors[0]?.fingerprint,
      subject: 'CN=Clients of the house',
      notAfter: new Date(startTime + 100 * day).toISOString(),
    },
  })
  expect(await lookAt(93 * day - 1)).toEqual([])
  expect(await lookAt(93 * day)).toEqual([['expiring', 'web', 0]])
  expect(await lookAt(99 * day)).toEqual([['expiring', 'web', 0]])
  expect(await lookAt(100 * day - 1)).toEqual([])
  expect(await lookAt(100 * day)).toEqual([['expired', 'web', 0]])
  expect(places.house.lastEvent()).toMatchObject({ severity: 'critical', outcome: 'success' })
  expect(await lookAt(500 * day)).toEqual([])
  // What has ended is still in force: the protection does not end with it. And none of this is a change.
  expect(accepted(instance.guid)).toMatchObject({ generation: 1, anchors: [{}] })
})

test('after a downtime what holds now is told, once', async () => {
  await ana.set('web', ending(100 * day))
  await ana.set('app', ending(200 * day))
  places.restart()
  expect(await lookAt(95 * day)).toEqual([['expiring', 'web', 1]])
  places.restart()
  expect(await lookAt(95 * day + 1)).toEqual([])
  places.restart()
  expect(await lookAt(180 * day)).toEqual([
    ['expired', 'web', 1],
    ['expiring', 'app', 0],
  ])
  expect(await lookAt(300 * day)).toEqual([['expired', 'app', 0]])
})

test('one that is uploaded late is told of from then on, and its upload warns', async () => {
  const made = await ana.set('web', ending(5 * day))
  expect(made.body['warnings']).toEqual([expect.stringContaining('2026-03-06T12:00:00.000Z')])
  expect(job().nextDue()).toBe(startTime + 4 * day)
  const later = await ana.set('app', authority({ from: startTime + day, to: startTime + 100 * day }).cert)
  expect(later.body['warnings']).toEqual([expect.stringContaining('not valid before 2026-03-02T12:00:00.000Z')])
})

test('what is replaced or deleted is not told of, and what replaces it is', async () => {
  await ana.set('web', ending(40 * day))
  await ana.set('app', ending(40 * day))
  await ana.remove('app')
  expect(await lookAt(10 * day)).toEqual([['expiring', 'web', 0]])
  await ana.set('web', ending(45 * day))
  expect(await lookAt(15 * day - 1)).toEqual([])
  expect(await lookAt(15 * day)).toEqual([['expiring', 'web', 0]])
  expect(await lookAt(38 * day)).toEqual([['expiring', 'web', 0]])
})

test('one that is replaced at the very moment is told of as what it is then, or not at all', async () => {
  await ana.set('web', ending(40 * day))
  places.house.time = startTime + 10 * day
  const [, set] = await Promise.all([job().run(places.house.time), ana.set('web', ending(300 * day))])
  expect(set.status).toBe(200)
  const told = places.house.events().filter(({ action }) => action.endsWith('expiring'))
  expect(told.length).toBeLessThanOrEqual(1)
  expect(job().nextDue()).toBe(startTime + 270 * day)
})

test('two looks at once tell of it once', async () => {
  await ana.set('web', ending(40 * day))
  places.house.time = startTime + 10 * day
  await Promise.all([job().run(places.house.time), job().run(places.house.time)])
  expect(places.house.events().filter(({ action }) => action.endsWith('expiring'))).toHaveLength(1)
})

test('of one certificate under two ids each is told of, and neither outlasts the other', async () => {
  const shared = ending(40 * day)
  const ben = await places.administrator()
  await ana.set('web', shared)
  await ben.set('theirs', shared)
  await ben.set('next', ending(400 * day))
  expect(await lookAt(10 * day)).toEqual([
    ['expiring', 'web', 1],
    ['expiring', 'theirs', 1],
  ])
})

test('those that end together are told of together', async () => {
  const people = [ana, await places.administrator(), await places.administrator()]
  const same = ending(40 * day)
  for (const one of people) {
    for (let count = 0; count < 4; count++) await one.set(`c${count}`, same)
  }
  expect(await lookAt(10 * day)).toHaveLength(12)
  expect(job().nextDue()).toBe(startTime + 33 * day)
})

test('the sentence says which ends when, and what its end means depends on what remains', async () => {
  await ana.set('web', ending(40 * day))
  await lookAt(10 * day)
  expect(sentence(places.house.lastEvent())).toContain(
    'noted that authority web for client certificates ends on 2026-04-10T12:00:00',
  )
  await lookAt(40 * day)
  expect(sentence(places.house.lastEvent())).toContain('noted that authority web for client certificates has ended')
  expect(explain(places.house.lastEvent())[0]?.meaning).toContain('The last certificate')
})

test('metrics and the inventory of an instance say how many there are and when the first ends', async () => {
  const inventories = readInventories(places.house.store)
  const state = () => inventories.clientCertificates(places.house.instance.guid)
  expect(state()).toEqual({ mtlsEnabled: false, certificates: 0, administrators: 1, nextExpiry: null })
  expect(await places.metric('client_certificate_end_seconds')).toBe(Infinity)
  await ana.set('web', ending(40 * day))
  await ana.set('app', ending(10 * day))
  expect(state()).toEqual({
    mtlsEnabled: true,
    certificates: 2,
    administrators: 1,
    nextExpiry: startTime + 10 * day,
  })
  expect(await places.metric('client_certificates')).toBe(2)
  expect(await places.metric('client_certificate_instances')).toBe(1)
  expect(await places.metric('client_certificate_end_seconds')).toBe(10 * 86_400)
  places.house.time += 11 * day
  expect(await places.metric('client_certificate_end_seconds')).toBe(-86_400)
  expect(inventories.clientCertificates(places.house.foreign.guid).certificates).toBe(0)
})
