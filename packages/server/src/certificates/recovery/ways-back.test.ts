/** The other ways back from a lockout, which take no recovery: another administrator, and a new certificate after the end of all. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTime } from '../../keys/testing/house.ts'
import { authority, type CertificateHouse, openCertificateHouse } from '../testing/certificate-house.ts'
import { day, owner, pass } from './testing/owners.ts'

let places: CertificateHouse
beforeEach(() => {
  places = openCertificateHouse()
})
afterEach(() => places.app.close())

const anchors = () => places.certificates.accepted(places.house.instance.guid).anchors

test('somebody else with the role makes an own key and lets in clients of a new authority, beside those of who left', async () => {
  const ana = await places.administrator()
  await ana.set('web')
  const successor = await places.administrator(false)
  expect((await successor.createKey()).status).toBe(200)
  expect((await successor.get('/certs')).body['certs']).toEqual([])
  expect(await successor.set('web')).toMatchObject({ status: 200, body: { created: true, mtlsEnabled: true } })
  expect(anchors()).toHaveLength(2)

  // Only what who left had set is out of the successor's reach: that takes two administrators of the account.
  await successor.remove('web')
  expect(anchors()).toHaveLength(1)
  const [olga, otto] = [owner(places, 'olga'), owner(places, 'otto')]
  const { body } = await olga.propose(ana.caller.id, 'admin-key-and-certificates')
  await otto.approve(body['id'])
  await pass(places, day)
  expect(anchors()).toEqual([])
  expect((await successor.set('web')).status).toBe(200)
})

test('when every certificate has ended, clients still need one, and an administrator sets the next without a client certificate', async () => {
  const ana = await places.administrator()
  await ana.set('web', authority({ to: startTime + day }).cert)
  places.house.time += 2 * day
  expect((await ana.get('/certs')).body).toMatchObject({ mtlsEnabled: true })
  expect(await ana.set('next')).toMatchObject({ status: 200, body: { mtlsEnabled: true, warnings: [] } })
  expect(anchors()).toHaveLength(2)
})
