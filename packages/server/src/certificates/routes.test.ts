/** The certificate manager over HTTP: what each call answers, what its event says, and what it refuses. */
import { X509Certificate } from 'node:crypto'
import { sentence } from '@keywitness/cadf'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Caller } from '../caller.ts'
import type { TrackerRole } from '../iam/permissions.ts'
import { insertRoleGrant } from '../iam/role-grants.ts'
import { factsOf } from '../keys/testing/house.ts'
import { readCertificateId } from './request.ts'
import { authority, type CertificateHouse, openCertificateHouse } from './testing/certificate-house.ts'

let places: CertificateHouse
beforeEach(() => {
  places = openCertificateHouse()
})
afterEach(() => places.app.close())

const facts = () => factsOf(places.house.lastEvent())

test('a key is created, read, replaced and deleted, each with its event', async () => {
  const ana = await places.administrator(false)
  expect(await ana.get('/adminkey')).toMatchObject({ status: 200, body: { publicKey: '' } })
  expect(facts().responseData).toEqual({ action: 'get' })

  const { id, publicKey } = ana.signer
  const made = await ana.createKey()
  const createdAt = '2026-03-01T12:00:00.000Z'
  expect([made.status, made.body]).toEqual([200, { keyId: id, publicKey, createdAt }])
  expect(made.headers['keywitness-event-id']).toBe(places.house.lastEvent().id)
  expect(facts()).toMatchObject({
    action: 'hs-crypto.mtlscert-admin-key.create',
    outcome: 'success',
    severity: 'critical',
    code: 200,
    target: { id: places.house.instance.crn, name: places.house.instance.name },
    requestData: { accountId: ana.caller.id, keyId: id, publicKey, timestamp: createdAt },
    responseData: { action: 'create' },
  })
  expect(await ana.get('/adminkey')).toMatchObject({ status: 200, body: { keyId: id, publicKey, createdAt } })
  expect(facts()).toMatchObject({ severity: 'normal', responseData: { action: 'get', keyId: id } })

  places.house.time += 1_000
  const replaced = await ana.updateKey()
  expect(replaced).toMatchObject({ status: 200, body: { keyId: ana.signer.id } })
  expect(ana.signer.id).not.toBe(id)
  expect(facts()).toMatchObject({
    action: 'hs-crypto.mtlscert-admin-key.update',
    severity: 'critical',
    requestData: {
      accountId: ana.caller.id,
      initialValue: { keyId: id },
      newValue: { keyId: ana.signer.id },
      publicKey: ana.signer.publicKey,
    },
    responseData: { action: 'update' },
  })

  await ana.set('web')
  expect(await ana.deleteKey()).toMatchObject({ status: 200, body: { orphanedCerts: 1 } })
  expect(facts()).toMatchObject({
    action: 'hs-crypto.mtlscert-admin-key.delete',
    severity: 'critical',
    requestData: { accountId: ana.caller.id, keyId: ana.signer.id },
    responseData: { action: 'delete', orphanedCerts: 1 },
  })
  expect(places.certificates.accepted(places.house.instance.guid).anchors).toHaveLength(1)
})

test('a certificate is set, replaced, listed, read and deleted, each with its event', async () => {
  const ana = await places.administrator()
  const { cert, der } = authority()
  const x509 = new X509Certificate(der)
  const fingerprint = x509.fingerprint256.replaceAll(':', '').toLowerCase()
  const named = {
    certId: 'web',
    fingerprint,
    subject: 'CN=Clients of the house',
    issuer: 'CN=Clients of the house',
    notBefore: '2020-01-01T00:00:00.000Z',
    notAfter: '2049-01-01T00:00:00.000Z',
  }
  const made = await ana.set('web', cert)
  expect(made).toMatchObject({
    status: 200,
    body: { ...named, created: true, warnings: [], mtlsEnabled: true, generation: 1 },
  })
  expect(facts()).toMatchObject({
    action: 'hs-crypto.mtlscert-cert.set',
    severity: 'critical',
    target: { id: places.house.instance.crn, name: places.house.instance.name },
    requestData: {
      certificateId: 'web',
      fingerprint,
      subject: named.subject,
      notAfter: named.notAfter,
      keyId: ana.signer.id,
    },
    responseData: {
      action: 'create',
      initialValue: { mtlsEnabled: false },
      newValue: { mtlsEnabled: true },
      generation: 1,
    },
  })
  const again = await ana.set('web')
  expect(again).toMatchObject({ status: 200, body: { created: false, generation: 2 } })
  expect(facts().responseData).toMatchObject({ action: 'update', initialValue: { mtlsEnabled: true }, generation: 2 })

  await ana.set('app', cert)
  const listed = await ana.get('/certs')
  expect(listed).toMatchObject({ status: 200, body: { mtlsEnabled: true, generation: 3 } })
  expect(listed.body['certs']).toMatchObject([{ ...named, certId: 'app', certificate: cert }, { certId: 'web' }])
  expect(facts()).toMatchObject({
    action: 'hs-crypto.mtlscert-cert.list',
    severity: 'normal',
    responseData: { action: 'list', totalResources: 2 },
  })
  expect(facts().requestData).not.toHaveProperty('accountId')

  const read = await ana.get('/certs/app')
  expect(read).toMatchObject({ status: 200, body: { ...named, certId: 'app', certificate: cert } })
  expect(facts()).toMatchObject({
    action: 'hs-crypto.mtlscert-cert.read',
    severity: 'normal',
    requestData: { certificateId: 'app' },
    responseData: { action: 'get', fingerprint },
  })

  expect(await ana.remove('app')).toMatchObject({ status: 200, body: { mtlsEnabled: true, generation: 4 } })
  expect(facts()).toMatchObject({
    action: 'hs-crypto.mtlscert-cert.delete',
    severity: 'critical',
    requestData: { certificateId: 'app', fingerprint, subject: named.subject, keyId: ana.signer.id },
    responseData: { action: 'delete', newValue: { mtlsEnabled: true }, generation: 4 },
  })
  expect(await ana.remove('web')).toMatchObject({ status: 200, body: { mtlsEnabled: false, generation: 5 } })
  expect(facts().responseData).toMatchObject({ initialValue: { mtlsEnabled: true }, newValue: { mtlsEnabled: false } })
})

test('what is accepted is the union over the administrators, each certificate once, the same object until it changes', async () => {
  const { accepted } = places.certificates
  const { guid } = places.house.instance
  const told: string[] = []
  places.certificates.whenChanged((instance) => void told.push(instance))
  expect(accepted(guid)).toMatchObject({ generation: 0, anchors: [] })
  const [ana, ben] = [await places.administrator(), await places.administrator()]
  const [shared, own] = [authority(), authority()]
  await ana.set('shared', shared.cert)
  await ben.set('shared', shared.cert)
  await ben.set('own', own.cert)
  const now = accepted(guid)
  expect(now.generation).toBe(3)
  expect(now.anchors.map(({ der }) => Buffer.from(der).toString('hex')).toSorted()).toEqual(
    [shared, own].map(({ der }) => der.toString('hex')).toSorted(),
  )
  expect(accepted(guid)).toBe(now)
  expect(accepted(places.house.foreign.guid)).toMatchObject({ generation: 0, anchors: [] })
  await ana.get('/certs')
  expect(accepted(guid)).toBe(now)
  await ben.remove('shared')
  expect(accepted(guid).anchors).toHaveLength(2)
  await ana.remove('shared')
  expect(accepted(guid).anchors).toHaveLength(1)
  expect(told).toEqual(Array.from({ length: 5 }, () => guid))
})

test('who has another role, or the role elsewhere, is refused, and told nothing', async () => {
  const ana = await places.administrator()
  const { house } = places
  for (const caller of [
    house.caller(['Manager']),
    house.caller([]),
    house.caller(['CertificateAdministrator'], 'ring'),
  ]) {
    for (const sent of [
      ana.command('POST', '/adminkey', { publicKey: ana.signer.publicKey }),
      ana.command('PUT', '/adminkey', {}),
      ana.command('GET', '/adminkey'),
      ana.command('DELETE', '/adminkey'),
      ana.command('PUT', '/certs/web', {}),
      ana.command('GET', '/certs'),
      ana.command('GET', '/certs/web'),
      ana.command('DELETE', '/certs/web'),
    ]) {
      const { status, code } = await places.send({ ...sent, caller })
      expect([status, code]).toEqual([401, 'UNAUTHORIZED_ERR'])
      expect(house.lastEvent()).toMatchObject({
        outcome: 'failure',
        severity: 'critical',
        initiator: { id: caller.id },
      })
    }
  }
  for (const guid of [house.foreign.guid, '00000000-0000-4000-8000-000000000000', 'nothing']) {
    const { status, code } = await ana.send('PUT', places.path('/certs/web', guid), { certificate: authority().cert })
    expect([status, code]).toEqual([401, 'UNAUTHORIZED_ERR'])
  }
})

test('certificates of all administrators are listed with whose they are and which are frozen, also for readers of the trail', async () => {
  const { house } = places
  const [ana, ben] = [await places.administrator(), await places.administrator()]
  await ben.set('web')
  await ana.set('web')
  await ana.set('app')
  await ana.deleteKey()
  const all = (caller: Caller, query = '?administrators=all') =>
    places.send({ method: 'GET', path: places.path(`/certs${query}`), caller })
  const [own] = (await ben.get('/certs')).body['certs'] as object[]
  for (const member of ['administrator', 'frozen']) expect(own).not.toHaveProperty(member)
  const { id, name } = ben.caller
  const certs = [
    { certId: 'app', administrator: { id: ana.caller.id, name: ana.caller.name }, frozen: true },
    { certId: 'web', administrator: { id: ana.caller.id, name: ana.caller.name }, frozen: true },
    { ...own, administrator: { id, name }, frozen: false },
  ]
  const reader = (role: TrackerRole, scope: 'account' | 'tracker', scopeId: string) => {
    const caller = house.caller([])
    const { account } = house.instance
    const where = { scope, scopeId, keyRing: '', resourceType: '', resource: '' } as const
    const made = { createdAt: 0, createdBy: 'nobody' }
    const { sql, params } = insertRoleGrant({ id: caller.id, account, identity: caller.id, role, ...where, ...made })
    house.store.run(sql, params)
    return caller
  }
  const { location } = house.instance
  const readers = [
    reader('Administrator', 'account', ''),
    reader('Auditor', 'account', ''),
    reader('Auditor', 'tracker', location),
  ]
  for (const caller of [ben.caller, ...readers]) {
    expect(await all(caller)).toMatchObject({ status: 200, body: { certs, mtlsEnabled: true, generation: 3 } })
    expect(facts()).toMatchObject({
      action: 'hs-crypto.mtlscert-cert.list',
      requestData: { administrators: 'all' },
      responseData: { action: 'list', totalResources: 3 },
    })
  }
  expect(sentence(house.lastEvent())).toMatch(
    /listed the authorities for client certificates of all administrators \(3 found\)$/,
  )
  for (const caller of readers) expect(await all(caller, '')).toMatchObject({ status: 401, code: 'UNAUTHORIZED_ERR' })
  const others = [
    house.caller(['Manager']),
    reader('Auditor', 'tracker', 'elsewhere'),
    reader('Producer', 'account', ''),
  ]
  for (const caller of others) {
    expect(await all(caller)).toMatchObject({ status: 401, code: 'UNAUTHORIZED_ERR' })
    expect(facts()).toMatchObject({ outcome: 'failure', requestData: { administrators: 'all' } })
  }
  for (const query of ['?administrators=', '?administrators=ana']) {
    expect(await all(ben.caller, query)).toMatchObject({ status: 400, code: 'INVALID_QUERY_PARAM_ERR' })
    expect(await all(house.caller([]), query)).toMatchObject({ status: 401 })
  }
  house.store.run('DELETE FROM role_grants WHERE identity = ?', [ana.caller.id])
  house.store.run('DELETE FROM identities WHERE id = ?', [ana.caller.id])
  expect((await all(ben.caller)).body['certs']).toMatchObject([{ administrator: { name: null } }, {}, {}])
})

test('a state that does not allow a command refuses it with a code of its own', async () => {
  const [ana, ben] = [await places.administrator(), await places.administrator(false)]
  expect(await ana.createKey()).toMatchObject({ status: 409, code: 'CERT_KEY_EXISTS' })
  expect(await ben.updateKey()).toMatchObject({ status: 409, code: 'CERT_KEY_MISSING' })
  expect(await ben.deleteKey()).toMatchObject({ status: 409, code: 'CERT_KEY_MISSING' })
  expect(await ben.set('web')).toMatchObject({ status: 409, code: 'CERT_KEY_MISSING' })
  expect(await ana.remove('web')).toMatchObject({ status: 404, code: 'NOT_FOUND' })
  expect(await ana.get('/certs/web')).toMatchObject({ status: 404, code: 'NOT_FOUND' })
  await ana.set('web')
  await ben.createKey()
  expect(await ben.get('/certs/web')).toMatchObject({ status: 404, code: 'NOT_FOUND' })
  expect(await ben.remove('web')).toMatchObject({ status: 404, code: 'NOT_FOUND' })
  expect((await ben.get('/certs')).body).toEqual({ certs: [], mtlsEnabled: true, generation: 1 })
})

test('an administrator who lost the key can read, not change, and goes on with a new one', async () => {
  const ana = await places.administrator()
  await ana.set('web')
  await ana.deleteKey()
  expect(await ana.remove('web')).toMatchObject({ status: 409, code: 'CERT_KEY_MISSING' })
  expect((await ana.get('/certs')).body['certs']).toHaveLength(1)
  await ana.createKey()
  expect(await ana.remove('web')).toMatchObject({ status: 200, body: { mtlsEnabled: false } })
})

test('ids of certificates are bounded and are no way out of the path', async () => {
  const ana = await places.administrator()
  for (const id of ['a', 'A.b_c-1', 'x'.repeat(64), '...', '-']) expect((await ana.set(id)).status).toBe(200)
  for (const id of ['x'.repeat(65), 'a%20b', 'a%2fb', 'a:b', '%ff', 'a%00', 'é']) {
    const path = places.path(`/certs/${encodeURI(id).replaceAll('%25', '%')}`)
    const { status } = await ana.send('PUT', path, { certificate: authority().cert })
    expect([id, status]).toEqual([id, 400])
    expect(facts()).toMatchObject({ action: 'hs-crypto.mtlscert-cert.set', outcome: 'failure', code: 400 })
  }
  for (const id of ['', '.', '..']) expect(() => readCertificateId(id)).toThrow('The id of a certificate has')
})
