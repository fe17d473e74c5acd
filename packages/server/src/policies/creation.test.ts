/** Policies met by new keys and new material: who may make which key, by which way, and what it is given. */
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { keyPairs, type MakeKeyPair } from '../import-token/key-pairs.ts'
import { type Form, sealMaterial } from '../import-token/testing/sealed-material.ts'
import { factsOf, openHouse } from '../keys/testing/house.ts'
import type { unset } from './instance-policy.ts'
import { envelope, newKey, openListeners, policy } from './testing/listeners.ts'

/** One pair for all tests of this file: a real one takes seconds. */
let pair: ReturnType<MakeKeyPair> | undefined
const samePair: MakeKeyPair = async () => {
  pair ??= keyPairs(4_096)()
  const { publicKey, privateKey } = await pair
  return { publicKey, privateKey: new Uint8Array(privateKey) }
}

function open() {
  const house = openHouse()
  const listeners = openListeners(house, samePair)
  const { ask } = listeners
  return {
    house,
    ...listeners,
    create: (members: object) => ask('POST', '/keys', { body: newKey(members) }),
    /** A fresh token, retrieved. */
    async token(): Promise<{ payload: string; nonce: string }> {
      await ask('POST', '/import_token', { body: {} })
      return (await ask('GET', '/import_token')).json<{ payload: string; nonce: string }>()
    },
    async idOf(answer: Promise<{ json(): { resources: readonly Record<string, unknown>[] } }>): Promise<string> {
      return String((await answer).json().resources[0]?.['id'])
    },
  }
}

const payload = randomBytes(32).toString('base64')
const kinds: Readonly<Record<keyof typeof unset.keyCreateImportAccess.attributes & `${string}_key`, object>> = {
  create_root_key: {},
  create_standard_key: { extractable: true },
  import_root_key: { payload },
  import_standard_key: { extractable: true, payload },
}

test.each(Object.keys(kinds) as (keyof typeof kinds)[])(
  '%s: the policy forbids that and nothing else',
  async (right) => {
    const { house, create, setInstance } = open()
    await setInstance(policy('keyCreateImportAccess', true, { [right]: false }))
    const { [right]: forbidden, ...others } = kinds
    for (const members of Object.values<object>(others)) expect((await create(members)).status).toBe(201)
    const answer = await create(forbidden)
    expect([answer.status, answer.code]).toEqual([409, 'KEY_CREATE_IMPORT_ACCESS_ERR'])
    expect(factsOf(house.lastEvent())).toMatchObject({
      action: 'hs-crypto.secrets.create',
      outcome: 'failure',
      severity: 'warning',
      code: 409,
    })
    await setInstance(policy('keyCreateImportAccess', false, { [right]: false }))
    expect((await create(kinds[right])).status).toBe(201)
  },
)

test('the policy holds for keys with overrides too', async () => {
  const { ask, setInstance } = open()
  await setInstance(policy('keyCreateImportAccess', true, { create_root_key: false }))
  const answer = await ask('POST', '/keys_with_policy_overrides', {
    body: newKey({ dualAuthDelete: { enabled: true } }),
  })
  expect([answer.status, answer.code]).toEqual([409, 'KEY_CREATE_IMPORT_ACCESS_ERR'])
})

test('where a token is demanded, plain material is refused at creation and at rotation', async () => {
  const { house, ask, create, token, idOf, setInstance } = open()
  const early = await idOf(create({ payload }))
  await setInstance(policy('keyCreateImportAccess', true, { enforce_token: true }))
  for (const members of [{ payload }, { extractable: true, payload }]) {
    expect((await create(members)).code).toBe('KEY_CREATE_IMPORT_ACCESS_ERR')
  }
  expect((await create({})).status).toBe(201)
  const rotate = (body: object) => ask('POST', `/keys/${early}/actions/rotate`, { body })
  const plain = await rotate({ payload })
  expect([plain.status, plain.code]).toEqual([409, 'KEY_CREATE_IMPORT_ACCESS_ERR'])
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: 'hs-crypto.secrets.rotate',
    outcome: 'failure',
    code: 409,
  })
  const told = await token()
  expect((await create(sealMaterial('hpcs', told, randomBytes(32)))).status).toBe(201)
  expect((await rotate(sealMaterial('key-protect', told, randomBytes(24)))).status).toBe(204)
})

test.each<Form>(['hpcs', 'key-protect'])('%s: material under a token becomes a root key that wraps', async (form) => {
  const { house, ask, create, token } = open()
  const told = await token()
  for (const size of [16, 24, 32]) {
    const material = randomBytes(size)
    const sealed = sealMaterial(form, told, material)
    const made = await create(sealed)
    expect(made.status).toBe(201)
    const [key] = made.json().resources
    expect(key).toMatchObject({ imported: true, extractable: false, algorithmBitSize: 8 * size })
    expect(made.body).not.toContain(sealed.payload)
    const event = house.lastEvent()
    expect(factsOf(event)).toMatchObject({ action: 'hs-crypto.secrets.create', outcome: 'success', code: 201 })
    for (const secret of [sealed.payload, sealed.encryptedNonce, sealed.iv, material.toString('base64'), told.nonce]) {
      expect(JSON.stringify(event)).not.toContain(secret)
    }
    const id = String(key?.['id'])
    const wrapped = await ask('POST', `/keys/${id}/actions/wrap`, { body: {} })
    const { ciphertext, plaintext } = wrapped.json<{ ciphertext: string; plaintext: string }>()
    expect(
      (await ask('POST', `/keys/${id}/actions/rotate`, { body: sealMaterial(form, told, randomBytes(size)) })).status,
    ).toBe(204)
    const opened = await ask('POST', `/keys/${id}/actions/unwrap`, { body: { ciphertext } })
    expect(opened.json<{ plaintext: string }>().plaintext).toBe(plaintext)
  }
})

test('what is wrong with a secure import is told apart by code, and recorded', async () => {
  const { house, ask, create, token, idOf } = open()
  const early = await idOf(create({ payload }))
  const told = await token()
  const right = () => sealMaterial('hpcs', told, randomBytes(32))
  const iv = (bytes: number) => randomBytes(bytes).toString('base64')
  const otherNonce = { ...told, nonce: randomBytes(12).toString('base64') }
  const cases: [object, number, string][] = [
    [sealMaterial('hpcs', otherNonce, randomBytes(32)), 400, 'INCORRECT_NONCE_ERR'],
    [{ ...right(), iv: iv(7) }, 400, 'INCORRECT_NONCE_IV_ERR'],
    [{ ...right(), iv: undefined }, 400, 'INCORRECT_NONCE_IV_ERR'],
    [{ ...right(), encryptedNonce: undefined }, 400, 'INCORRECT_NONCE_IV_ERR'],
    [{ ...right(), payload: iv(512) }, 400, 'INVALID_FIELD_ERR'],
  ]
  const meet = async (members: object, status: number, code: string): Promise<void> => {
    for (const [action, answer] of [
      ['create', await create(members)],
      ['rotate', await ask('POST', `/keys/${early}/actions/rotate`, { body: members })],
    ] as const) {
      expect([action, answer.status, answer.code]).toEqual([action, status, code])
    }
    const recorded = house.events().slice(-2)
    expect(recorded.map((event) => [event.action, event.outcome, event.reason.reasonCode])).toEqual([
      ['hs-crypto.secrets.create', 'failure', status],
      ['hs-crypto.secrets.rotate', 'failure', status],
    ])
  }
  for (const [members, status, code] of cases) await meet(members, status, code)
  const late = right()
  house.time += 600_000
  await meet(late, 409, 'IMPORT_TOKEN_EXPIRED_ERR')
})

test('encrypted material is for root keys only, and needs a token', async () => {
  const { ask, create, token } = open()
  const told = await token()
  const standard = await create({ ...sealMaterial('hpcs', told, randomBytes(32)), extractable: true })
  expect(standard.status).toBe(400)
  await ask('POST', '/import_token', { body: {} })
  const replaced = await create(sealMaterial('hpcs', told, randomBytes(32)))
  expect([replaced.status, replaced.code]).toEqual([400, 'INCORRECT_NONCE_ERR'])
})

test('new keys are given what the instance’s policies say; those made before are not', async () => {
  const { ask, create, idOf, setInstance } = open()
  const policiesOf = async (id: string) => (await ask('GET', `/keys/${id}/policies`)).json().resources
  const before = await idOf(create({}))
  await setInstance(policy('dualAuthDelete', true), policy('rotation', true, { interval_month: 4 }))
  const root = await idOf(create({}))
  const standard = await idOf(create({ extractable: true }))
  const imported = await idOf(create({ payload }))
  expect(await policiesOf(before)).toEqual([])
  expect(await policiesOf(root)).toMatchObject([
    { rotation: { enabled: true, interval_month: 4 } },
    { dualAuthDelete: { enabled: true } },
  ])
  expect(await policiesOf(standard)).toMatchObject([{ dualAuthDelete: { enabled: true } }])
  expect(await policiesOf(imported)).toMatchObject([{ dualAuthDelete: { enabled: true } }])
  await setInstance(policy('dualAuthDelete', false), policy('rotation', false))
  expect(await policiesOf(await idOf(create({})))).toEqual([])
  expect(await policiesOf(root)).toHaveLength(2)
})

test('overrides replace the instance’s policies, also by what they leave out', async () => {
  const { house, ask, setInstance } = open()
  await setInstance(policy('dualAuthDelete', true), policy('rotation', true, { interval_month: 4 }))
  const make = (members: object) => ask('POST', '/keys_with_policy_overrides', { body: newKey(members) })
  const policiesOf = async (id: unknown) => (await ask('GET', `/keys/${id}/policies`)).json().resources
  const made = await make({ rotation: { enabled: true, interval_month: 9 } })
  expect(made.status).toBe(201)
  const [key] = made.json().resources
  expect(key).toMatchObject({ rotation: { enabled: true, interval_month: 9 } })
  expect(house.lastEvent().requestData).toMatchObject({
    newValue: { policyRotationEnabled: true, policyRotationIntervalMonth: 9 },
  })
  expect(await policiesOf(key?.['id'])).toMatchObject([{ rotation: { enabled: true, interval_month: 9 } }])
  const bare = await make({})
  expect(await policiesOf(bare.json().resources[0]?.['id'])).toEqual([])
  for (const [members, code] of [
    [{ extractable: true, rotation: { enabled: true, interval_month: 1 } }, 'KEY_ROOT_REQ_ERR'],
    [{ payload, rotation: { enabled: true, interval_month: 1 } }, 'INVALID_FIELD_ERR'],
    [{ rotation: { enabled: true, interval_month: 13 } }, 'INVALID_FIELD_ERR'],
    [{ rotation: { enabled: true } }, 'INVALID_FIELD_ERR'],
  ] as const) {
    const answer = await make(members)
    expect([answer.status, answer.code]).toEqual([400, code])
  }
})

test('a key is made again from what reading it shows, as long as it gets the policies that are shown', async () => {
  const { ask, create, idOf, setInstance } = open()
  const shown = async (id: string) => (await ask('GET', `/keys/${id}`)).json().resources[0] ?? {}
  const first = await shown(await idOf(create({ rotation: { enabled: false } })))
  expect(first).toMatchObject({ dualAuthDelete: { enabled: false } })
  expect((await create(first)).status).toBe(201)
  await setInstance(policy('dualAuthDelete', true))
  const guarded = await shown(await idOf(create({})))
  expect(guarded).toMatchObject({ dualAuthDelete: { enabled: true, keySetForDeletion: false } })
  expect(await shown(await idOf(create(guarded)))).toMatchObject({ dualAuthDelete: { enabled: true } })
  await setInstance(policy('dualAuthDelete', false))
  const bare = await create(guarded)
  expect([bare.status, bare.code]).toEqual([400, 'INVALID_FIELD_ERR'])
  expect(bare.body).toContain('keys_with_policy_overrides')
  const own = await ask('POST', '/keys_with_policy_overrides', { body: newKey(guarded) })
  expect([own.status, own.json().resources[0]]).toMatchObject([201, { dualAuthDelete: { enabled: true } }])
})

test('a key under dual authorisation is deleted by two people only, from the policy on', async () => {
  const { house, ask, create, idOf } = open()
  const id = await idOf(create({}))
  await ask('PUT', `/keys/${id}/policies`, { body: envelope({ dualAuthDelete: { enabled: true } }) })
  const alone = await ask('DELETE', `/keys/${id}`)
  expect([alone.status, alone.code]).toEqual([409, 'AUTHORIZATIONS_NOT_MET'])
  expect((await ask('POST', `/keys/${id}/actions/setKeyForDeletion`)).status).toBe(204)
  expect((await ask('DELETE', `/keys/${id}`)).code).toBe('AUTHORIZATIONS_NOT_MET')
  expect((await ask('DELETE', `/keys/${id}`, { caller: house.caller(['Manager']) })).status).toBe(204)
})

test('a creation decided before a policy and recorded after it is decided again', async () => {
  const { house, create, setInstance } = open()
  let isFirst = true
  house.unit.meanwhile = async () => {
    if (!isFirst) return
    isFirst = false
    await setInstance(policy('keyCreateImportAccess', true, { create_root_key: false }))
  }
  const answer = await create({})
  expect([answer.status, answer.code]).toEqual([409, 'KEY_CREATE_IMPORT_ACCESS_ERR'])
})
