/** The way back from a lockout: who may take which step, what each leaves in the trail, and what is removed when. */
import { createHash } from 'node:crypto'
import { explain, sentence } from '@keywitness/cadf'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deleteIdentity, readIdentities, updateIdentityState } from '../../iam/identities.ts'
import { deleteRoleGrant, readRoleGrants } from '../../iam/role-grants.ts'
import { factsOf } from '../../keys/testing/house.ts'
import {
  type Administrator,
  authority,
  type CertificateHouse,
  openCertificateHouse,
} from '../testing/certificate-house.ts'
import { day, hour, member, type Owner, owner, pass, run } from './testing/owners.ts'

let places: CertificateHouse
let ana: Administrator
let olga: Owner
let otto: Owner
beforeEach(async () => {
  places = openCertificateHouse()
  ana = await places.administrator()
  olga = owner(places, 'olga')
  otto = owner(places, 'otto')
})
afterEach(() => places.app.close())

const facts = () => factsOf(places.house.lastEvent())
const anchors = () => places.certificates.accepted(places.house.instance.guid).anchors
const meaning = () => explain(places.house.lastEvent()).map((one) => one.meaning)

async function proposed(removes = 'admin-key', administrator = ana): Promise<unknown> {
  const { status, body, text } = await olga.propose(administrator.caller.id, removes)
  if (status !== 200) throw new Error(text)
  return body['id']
}

async function approved(removes = 'admin-key', administrator = ana): Promise<unknown> {
  const id = await proposed(removes, administrator)
  expect((await otto.approve(id)).status).toBe(200)
  return id
}

const stateOf = async (id: unknown) =>
  ((await olga.list()).body['recoveries'] as { id: unknown; state: string }[]).find((one) => one.id === id)?.state

test('proposed by one, approved by another, performed by the service when the waiting time is over', async () => {
  const ben = await places.administrator()
  const [web, app, other] = [authority(), authority(), authority()]
  await ana.set('web', web.cert)
  await ana.set('app', app.cert)
  await ben.set('own', other.cert)
  const { instance } = places.house
  const target = { id: instance.crn, name: instance.name }
  const administrator = ana.caller.id
  const removes = 'admin-key-and-certificates'

  const made = await olga.propose(administrator, removes)
  expect(made).toMatchObject({
    status: 200,
    body: {
      administrator: { id: administrator, name: ana.caller.name },
      removes,
      keyId: ana.signer.id,
      says: `Deletes the signature key and the 2 certificates of ${ana.caller.name} (${administrator}). Clients of EP11 with certificates of these authorities are cut off; the others still need a certificate.`,
      state: 'open',
      proposedBy: { id: olga.caller.id, name: 'olga' },
      expiresAt: '2026-03-08T12:00:00.000Z',
      approvedBy: null,
      dueAt: null,
    },
  })
  const recoveryId = made.body['id']
  const request = { recoveryId, administrator, removes }
  expect(facts()).toMatchObject({
    action: 'hs-crypto.mtlscert-recovery.create',
    outcome: 'success',
    severity: 'warning',
    code: 200,
    target,
    requestData: { administrator, removes, instanceID: instance.guid },
    responseData: { recoveryId, keyId: ana.signer.id, certificates: 2, expirationDate: '2026-03-08T12:00:00.000Z' },
  })
  expect(sentence(places.house.lastEvent())).toBe(
    `olga proposed a recovery that removes admin-key-and-certificates of ${administrator}`,
  )
  expect(meaning()).toEqual([expect.stringContaining('within seven days')])

  places.house.time += 3 * day
  const agreed = await otto.approve(recoveryId)
  const dueDate = '2026-03-05T12:00:00.000Z'
  expect(agreed).toMatchObject({
    status: 200,
    body: { state: 'approved', dueAt: dueDate, approvedBy: { name: 'otto' } },
  })
  expect(facts()).toMatchObject({
    action: 'hs-crypto.mtlscert-recovery.approve',
    severity: 'critical',
    requestData: request,
    responseData: { proposedBy: olga.caller.id, keyId: ana.signer.id, certificates: 2, dueDate },
  })
  expect(meaning()).toEqual([expect.stringContaining('Two people agreed')])

  expect(await pass(places, day - 1)).toEqual([])
  expect(anchors()).toHaveLength(3)
  const told: string[] = []
  places.certificates.whenChanged((guid) => void told.push(guid))
  const events = await pass(places, 1)
  const people = { proposedBy: olga.caller.id, approvedBy: otto.caller.id }
  const byRecovery = { recovery: true, recoveryId, administrator, ...people }
  const on = { initialValue: { mtlsEnabled: true }, newValue: { mtlsEnabled: true } }
  const own = [app, web].map((one, gone) => ({
    action: 'hs-crypto.mtlscert-cert.delete',
    severity: 'critical',
    requestData: {
      certificateId: ['app', 'web'][gone],
      fingerprint: createHash('sha256').update(one.der).digest('hex'),
      subject: expect.stringMatching(/^CN=/) as string,
      ...byRecovery,
    },
    responseData: { action: 'delete', ...on, generation: 4 + gone },
  }))
  expect(events.map(factsOf)).toMatchObject([
    {
      action: 'hs-crypto.mtlscert-admin-key.delete',
      severity: 'critical',
      target,
      requestData: { accountId: administrator, keyId: ana.signer.id, ...byRecovery },
      responseData: { action: 'delete', orphanedCerts: 0, ...on, generation: 3 },
    },
    ...own,
    {
      action: 'hs-crypto.mtlscert-recovery.perform',
      severity: 'critical',
      outcome: 'success',
      requestData: request,
      responseData: {
        ...people,
        dueDate,
        keyId: ana.signer.id,
        certificates: 2,
        ...on,
        generation: 5,
      },
    },
  ])
  for (const { initiator, requestData } of events) {
    expect(initiator).toMatchObject({ id: 'iam-ServiceId-keywitness', name: 'Keywitness' })
    expect(requestData).not.toHaveProperty('signature')
  }
  expect(events.map((event) => sentence(event))).toEqual([
    `Service Keywitness deleted the signature key of certificate administrator ${administrator} in a recovery`,
    `Service Keywitness deleted authority app for client certificates of ${administrator} in a recovery`,
    `Service Keywitness deleted authority web for client certificates of ${administrator} in a recovery`,
    `Service Keywitness performed a recovery that removes ${removes} of ${administrator}: proposed by ${olga.caller.id}, approved by ${otto.caller.id}`,
  ])
  expect(new Set(events.map(({ correlationId }) => correlationId)).size).toBe(1)
  expect(meaning()).toEqual([expect.stringContaining('stay in force')])
  expect(told).toEqual([instance.guid])
  expect(anchors().map(({ der }) => Buffer.from(der))).toEqual([other.der])
  expect((await ana.get('/adminkey')).body).toEqual({ publicKey: '' })
  expect(await stateOf(recoveryId)).toBe('performed')
  expect(await pass(places, 100 * day)).toEqual([])
})

test('with the last certificates it goes from needing one to needing none, and the trail says at which', async () => {
  await ana.set('web')
  await ana.set('app')
  const made = await olga.propose(ana.caller.id, 'admin-key-and-certificates')
  expect(made.body['says']).toContain('No certificate is left then: clients of EP11 need none any more.')
  await otto.approve(made.body['id'])
  const events = await pass(places, day)
  expect(events.map(({ responseData }) => [responseData['newValue'], responseData['generation']])).toEqual([
    [{ mtlsEnabled: true }, 2],
    [{ mtlsEnabled: true }, 3],
    [{ mtlsEnabled: false }, 4],
    [{ mtlsEnabled: false }, 4],
  ])
  expect(meaning()).toEqual([expect.stringContaining('need no certificate any more')])
  expect(anchors()).toEqual([])
})

test('who lost the key alone makes a new one afterwards, and rules the frozen certificates again', async () => {
  await ana.set('web')
  const id = await approved()
  expect(await ana.createKey()).toMatchObject({ status: 409, code: 'CERT_KEY_EXISTS' })
  const events = await pass(places, day)
  expect(events.map(({ action }) => action.split('.').slice(1).join('.'))).toEqual([
    'mtlscert-admin-key.delete',
    'mtlscert-recovery.perform',
  ])
  expect(events[0]?.responseData).toMatchObject({ orphanedCerts: 1, newValue: { mtlsEnabled: true }, generation: 1 })
  expect(anchors()).toHaveLength(1)
  expect(await stateOf(id)).toBe('performed')
  expect(await ana.set('web')).toMatchObject({ status: 409, code: 'CERT_KEY_MISSING' })
  expect((await ana.createKey()).status).toBe(200)
  expect(await ana.set('web')).toMatchObject({ status: 200, body: { created: false } })
  expect(await ana.remove('web')).toMatchObject({ status: 200, body: { mtlsEnabled: false } })
})

test('certificates that were left without a key go, too, unless their administrator comes back first', async () => {
  await ana.set('web')
  await ana.deleteKey()
  expect(await olga.propose(ana.caller.id)).toMatchObject({ status: 409, code: 'CERT_NOTHING_TO_RECOVER' })
  expect(meaning()).toEqual([expect.stringContaining('has no signature key')])
  const first = await approved('admin-key-and-certificates')
  await ana.createKey()
  const [outdated] = await pass(places, day)
  expect(outdated).toMatchObject({ action: 'hs-crypto.mtlscert-recovery.perform', outcome: 'failure' })
  expect(await stateOf(first)).toBe('outdated')
  await ana.deleteKey()
  await approved('admin-key-and-certificates')
  const events = await pass(places, day)
  expect(events.map(({ action }) => action.split('.').slice(1).join('.'))).toEqual([
    'mtlscert-cert.delete',
    'mtlscert-recovery.perform',
  ])
  expect(events[1]?.responseData).not.toHaveProperty('keyId')
  expect(anchors()).toEqual([])
})

test('an administrator who left, and whose identity is gone, is named by the id', async () => {
  await ana.set('web')
  const identity = readIdentities(places.house.store).find(ana.caller.account, ana.caller.id)
  if (identity === undefined) throw new Error('nobody to delete')
  run(places, deleteIdentity(identity))
  expect((await olga.list()).body['administrators']).toEqual([
    { administrator: { id: ana.caller.id, name: null }, keyId: ana.signer.id, certificates: 1 },
  ])
  await approved('admin-key-and-certificates')
  expect(await pass(places, day)).toHaveLength(3)
  expect(anchors()).toEqual([])
})

test('it takes two people who administer the account', async () => {
  const robot = owner(places, 'robot', 'serviceId')
  const manager = member(places, places.house.caller(['Manager']))
  const administrator = member(places, ana.caller)
  const people = 'Only people may: whoever made a service ID, or holds its key, would be two at once.'
  expect(await robot.propose(ana.caller.id)).toMatchObject({ status: 403, code: 'PEOPLE_ONLY' })
  expect(meaning()).toEqual([expect.stringContaining(people)])
  for (const other of [manager, administrator]) {
    expect(await other.propose(ana.caller.id)).toMatchObject({ status: 401, code: 'UNAUTHORIZED_ERR' })
  }
  const id = await proposed()
  expect(await olga.approve(id)).toMatchObject({ status: 403, code: 'SECOND_PERSON_REQUIRED' })
  expect(facts()).toMatchObject({
    action: 'hs-crypto.mtlscert-recovery.approve',
    outcome: 'failure',
    severity: 'critical',
    requestData: { recoveryId: id, administrator: ana.caller.id, removes: 'admin-key' },
  })
  expect(meaning()).toEqual([expect.stringContaining('tried to approve it, too')])
  expect(await robot.approve(id)).toMatchObject({ status: 403, code: 'PEOPLE_ONLY' })
  expect(meaning()).toEqual([expect.stringContaining(people)])
  for (const other of [manager, administrator]) {
    expect(await other.approve(id)).toMatchObject({ status: 401, code: 'UNAUTHORIZED_ERR' })
  }
  for (const step of ['approve', 'withdraw'] as const) {
    expect(await olga[step]('00000000-0000-4000-8000-000000000000')).toMatchObject({ status: 404, code: 'NOT_FOUND' })
    expect(meaning()).toEqual([expect.stringContaining('no recovery of this id')])
  }
  expect(await manager.withdraw(id)).toMatchObject({ status: 401, code: 'UNAUTHORIZED_ERR' })
  expect(await manager.list()).toMatchObject({ status: 401, code: 'UNAUTHORIZED_ERR' })
  expect(await stateOf(id)).toBe('open')
})

test.each(['disabled', 'deleted', 'without the role'])('it dies with a proposer who is %s', async (how) => {
  const id = await proposed()
  const { store } = places.house
  const { account, id: iamId } = olga.caller
  const identity = readIdentities(store).find(account, iamId)
  const grant = readRoleGrants(store).find(account, `role-${iamId}`)
  if (identity === undefined || grant === undefined) throw new Error('there is no proposer')
  if (how === 'disabled') run(places, updateIdentityState(identity, 'disabled'))
  else run(places, how === 'deleted' ? deleteIdentity(identity) : deleteRoleGrant(grant))
  expect(await otto.approve(id)).toMatchObject({ status: 409, code: 'PROPOSER_WITHOUT_RIGHT' })
  expect(meaning()).toEqual([expect.stringContaining('disabled, deleted or no administrator')])
  expect((await otto.withdraw(id)).status).toBe(200)
})

test('whoever may be concerned withdraws it, before the approval and while it waits, until it is performed', async () => {
  const ben = member(places, (await places.administrator(false)).caller)
  const first = await proposed()
  const withdrawn = await ben.withdraw(first)
  expect(withdrawn).toMatchObject({ status: 200, body: { state: 'withdrawn', endedBy: ben.caller.id } })
  expect(withdrawn.body['says']).toBe(`The signature key of ${ana.caller.name} (${ana.caller.id}).`)
  expect(facts()).toMatchObject({
    action: 'hs-crypto.mtlscert-recovery.withdraw',
    severity: 'normal',
    requestData: { recoveryId: first },
    responseData: { proposedBy: olga.caller.id, keyId: ana.signer.id },
  })
  expect(facts().responseData).not.toHaveProperty('approvedBy')
  for (const step of [await otto.approve(first), await olga.withdraw(first)]) {
    expect(step).toMatchObject({ status: 409, code: 'PROPOSAL_CLOSED' })
  }
  expect(meaning()).toEqual([expect.stringContaining('withdrawn or performed already')])

  for (const one of [olga, otto, member(places, ana.caller), owner(places, 'robot', 'serviceId')]) {
    const id = await approved()
    expect((await one.withdraw(id)).status).toBe(200)
    expect(facts().responseData).toMatchObject({ approvedBy: otto.caller.id, dueDate: '2026-03-02T12:00:00.000Z' })
    expect(await stateOf(id)).toBe('withdrawn')
  }
  expect(await pass(places, 2 * day)).toEqual([])

  const late = await approved()
  places.house.time += 2 * day
  expect((await ben.withdraw(late)).status).toBe(200)
  const done = await approved()
  await pass(places, day)
  expect(await ben.withdraw(done)).toMatchObject({ status: 409, code: 'PROPOSAL_CLOSED' })
})

test('without approval it lapses after seven days, by the service, and cannot be approved a moment before that is recorded', async () => {
  const id = await proposed()
  expect(await pass(places, 7 * day - 1)).toEqual([])
  places.house.time += 1
  for (const late of [await otto.approve(id), await otto.withdraw(id)]) {
    expect(late).toMatchObject({ status: 409, code: 'PROPOSAL_CLOSED' })
  }
  expect(await olga.propose(ana.caller.id)).toMatchObject({ status: 409, code: 'ALREADY_EXISTS' })
  expect(meaning()).toEqual([expect.stringContaining('waits already')])
  const events = await pass(places, 300 * day)
  expect(events.map(factsOf)).toMatchObject([
    {
      action: 'hs-crypto.mtlscert-recovery.lapse',
      outcome: 'success',
      severity: 'normal',
      requestData: { recoveryId: id, administrator: ana.caller.id, removes: 'admin-key' },
      responseData: { proposedBy: olga.caller.id, keyId: ana.signer.id, expirationDate: '2026-03-08T12:00:00.000Z' },
    },
  ])
  expect(events[0]?.initiator.id).toBe('iam-ServiceId-keywitness')
  expect(sentence(places.house.lastEvent())).toBe(
    `Service Keywitness let lapse a recovery that removes admin-key of ${ana.caller.id}`,
  )
  expect(meaning()).toEqual([expect.stringContaining('Nothing was removed')])
  expect(await stateOf(id)).toBe('lapsed')
  expect((await olga.propose(ana.caller.id)).status).toBe(200)
})

test('an administrator who shows that the key is not lost makes it outdated', async () => {
  const replaced = await proposed()
  await ana.updateKey()
  expect(await otto.approve(replaced)).toMatchObject({ status: 409, code: 'PROPOSAL_OUTDATED' })
  expect(meaning()).toEqual([expect.stringContaining('not the one any more')])
  await olga.withdraw(replaced)

  for (const act of [() => ana.updateKey(), () => ana.deleteKey()]) {
    await ana.set('web')
    const id = await approved('admin-key-and-certificates')
    await act()
    const shown = (await olga.list()).body['recoveries'] as { id: unknown; says: string }[]
    expect(shown.find((one) => one.id === id)?.says).toContain('Nothing: ')
    const events = await pass(places, day)
    expect(events.map(factsOf)).toMatchObject([
      {
        action: 'hs-crypto.mtlscert-recovery.perform',
        outcome: 'failure',
        code: 409,
        requestData: { recoveryId: id, administrator: ana.caller.id },
        responseData: {
          approvedBy: otto.caller.id,
          certificates: 0,
          initialValue: { mtlsEnabled: true },
          newValue: { mtlsEnabled: true },
        },
      },
    ])
    expect(sentence(places.house.lastEvent())).toContain('Service Keywitness did not perform a recovery that removes')
    expect(meaning()).toEqual([expect.stringContaining('Nothing was changed')])
    expect(await stateOf(id)).toBe('outdated')
    expect(anchors()).toHaveLength(1)
  }
})

test('a waiting time goes on through restarts, and is caught up once after a downtime', async () => {
  await ana.set('web')
  const id = await approved('admin-key-and-certificates')
  await pass(places, 20 * hour)
  await places.app.close()
  places.restart()
  expect(await pass(places, 4 * hour - 1)).toEqual([])
  await places.app.close()
  places.restart()
  expect(await pass(places, 30 * day)).toHaveLength(3)
  expect(await stateOf(id)).toBe('performed')
  places.restart()
  expect(await pass(places, day)).toEqual([])
})

test('a wall clock that has just stepped is not believed', () => {
  const finals = places.certificates.jobs.filter(({ isFinal }) => isFinal === true).map(({ name }) => name)
  expect(finals).toEqual(['recoveries that lapse', 'recoveries that are performed'])
})

test('the list tells what waits, who has what, and how long the waiting time is; the newest first, and bounded', async () => {
  await ana.set('web')
  const ben = await places.administrator()
  const first = await proposed()
  await olga.withdraw(first)
  places.house.time += 1
  const second = await proposed('admin-key', ben)
  const listed = await member(places, ben.caller).list()
  expect(listed).toMatchObject({
    status: 200,
    body: {
      recoveries: [
        { id: second, state: 'open' },
        { id: first, state: 'withdrawn' },
      ],
      administrators: [
        { administrator: { id: ana.caller.id }, keyId: ana.signer.id, certificates: 1 },
        { administrator: { id: ben.caller.id }, keyId: ben.signer.id, certificates: 0 },
      ],
      mtlsEnabled: true,
      generation: 1,
      waitingHours: 24,
    },
  })
  expect(facts()).toMatchObject({
    action: 'hs-crypto.mtlscert-recovery.list',
    severity: 'normal',
    responseData: { totalResources: 2 },
  })
  expect((await olga.list('?limit=1')).body['recoveries']).toMatchObject([{ id: second }])
  for (const limit of ['0', '1001', 'many']) expect((await olga.list(`?limit=${limit}`)).status).toBe(400)
})

test('a proposal that is not well formed is refused, and proposes nothing', async () => {
  const send = (body: string) =>
    places.send({ method: 'POST', path: places.path('/recoveries'), caller: olga.caller, body })
  const administrator = ana.caller.id
  for (const [body, code] of [
    ['', 'NO_BODY_ERR'],
    ['[]', 'BAD_BODY_ERR'],
    ['{', 'BAD_BODY_ERR'],
    [JSON.stringify({ administrator }), 'INVALID_FIELD_ERR'],
    [JSON.stringify({ administrator, removes: 'everything' }), 'INVALID_FIELD_ERR'],
    [JSON.stringify({ administrator: 'x'.repeat(129), removes: 'admin-key' }), 'INVALID_FIELD_ERR'],
    [JSON.stringify({ administrator: 'a\nb', removes: 'admin-key' }), 'INVALID_FIELD_ERR'],
    [JSON.stringify({ administrator, removes: 'admin-key', now: true }), 'BAD_BODY_ERR'],
    [JSON.stringify({ administrator: 'KWid-nobody', removes: 'admin-key' }), 'CERT_NOTHING_TO_RECOVER'],
  ] as const) {
    const answer = await send(body)
    expect([body, answer.code]).toEqual([body, code])
    expect(facts()).toMatchObject({ action: 'hs-crypto.mtlscert-recovery.create', outcome: 'failure' })
  }
  for (const guid of [places.house.foreign.guid, 'nothing']) {
    const path = places.path('/recoveries', guid)
    const answer = await places.send({ method: 'GET', path, caller: olga.caller })
    expect(answer).toMatchObject({ status: 401, code: 'UNAUTHORIZED_ERR' })
  }
  expect((await olga.list()).body['recoveries']).toEqual([])
})
