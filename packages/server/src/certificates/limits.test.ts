/** How much there may be, and how often: administrators, certificates, commands, sizes. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { factsOf } from '../keys/testing/house.ts'
import { certificateLimits } from './limits.ts'
import {
  type Administrator,
  authority,
  type CertificateHouse,
  openCertificateHouse,
} from './testing/certificate-house.ts'

let places: CertificateHouse
beforeEach(() => {
  places = openCertificateHouse()
})
afterEach(() => places.app.close())

const { cert } = authority()

test('an instance has 20 administrators, an administrator 20 certificates, an instance 100, whoever has lost their key', async () => {
  const people: Administrator[] = []
  for (let count = 0; count < certificateLimits.administrators; count++) people.push(await places.administrator())
  const late = await places.administrator(false)
  expect(await late.createKey()).toMatchObject({ status: 409, code: 'QUOTA_EXCEEDED' })
  const setAll = async (who: number) => {
    for (let count = 0; count < 20; count++) {
      places.elapse(2_000)
      expect((await people[who]?.set(`c${count}`, cert))?.status).toBe(200)
    }
  }
  await setAll(0)
  places.elapse(60_000)
  const [first] = people
  expect(await first?.set('more', cert)).toMatchObject({ status: 409, code: 'QUOTA_EXCEEDED' })
  expect(factsOf(places.house.lastEvent())).toMatchObject({ outcome: 'failure', code: 409, severity: 'critical' })
  // What is there may be replaced.
  expect((await first?.set('c0', cert))?.status).toBe(200)
  for (const who of [1, 2, 3, 4]) await setAll(who)
  expect(await people[5]?.set('one', cert)).toMatchObject({ status: 409, code: 'QUOTA_EXCEEDED' })
  await first?.deleteKey()
  expect(await people[5]?.set('one', cert)).toMatchObject({ status: 409, code: 'QUOTA_EXCEEDED' })
  expect((await late.createKey()).status).toBe(200)
  await people[1]?.remove('c0')
  expect((await people[5]?.set('one', cert))?.status).toBe(200)
})

test('a caller sends 30 commands in a minute, good or bad ones, and reads as much as he likes', async () => {
  const [ana, ben] = [await places.administrator(), await places.administrator()]
  for (let count = 1; count < 30; count++) {
    const sent =
      count % 2 === 0
        ? ana.command('PUT', '/certs/web', { certificate: cert })
        : ana.command('PUT', '/certs/web', {}, { method: 'GET' })
    expect((await places.send(sent)).status).not.toBe(429)
  }
  const set = () => ana.set('web', cert)
  const refused = await set()
  expect(refused).toMatchObject({ status: 429, code: 'TOO_MANY_REQUESTS' })
  expect(refused.headers['retry-after']).toBeDefined()
  expect(factsOf(places.house.lastEvent())).toMatchObject({ outcome: 'failure', code: 429 })
  for (let count = 0; count < 40; count++) expect((await ana.get('/certs')).status).toBe(200)
  expect((await ben.set('web', cert)).status).toBe(200)
  places.elapse(2_000)
  expect((await set()).status).toBe(200)
  expect((await set()).status).toBe(429)
  places.elapse(60_000)
  // Without the role nothing is counted: whoever has only a token cannot use up what an administrator may send.
  const caller = places.house.caller(['Manager'])
  for (let count = 0; count < 40; count++) {
    expect((await places.send({ ...ana.command('DELETE', '/adminkey'), caller })).status).toBe(401)
  }
  expect((await set()).status).toBe(200)
})

test('a body over the bound is refused before anything is made of it', async () => {
  const ana = await places.administrator()
  const certificate = `${cert}${' '.repeat(40_000)}`
  expect(await ana.set('web', certificate)).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' })
  expect(await ana.send('DELETE', '/certs/web', { certificate })).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' })
  expect(await ana.set('web', `${cert}${' '.repeat(16_384)}`)).toMatchObject({ status: 400, code: 'INVALID_FIELD_ERR' })
  for (const body of ['', '{', '[]', 'null', '{"certificate":1}', '{"certificate":"x","more":1}', '\ufeff{}']) {
    const sent = { ...ana.command('PUT', '/certs/web', undefined, { body }), body }
    expect([body, (await places.send(sent)).status]).toEqual([body, 400])
  }
  expect(places.certificates.accepted(places.house.instance.guid).generation).toBe(0)
})
