/** Restoring with the material, as older clients do: plain or under an import token, compared with the key's own. */
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { keyPairs, type MakeKeyPair } from '../import-token/key-pairs.ts'
import { type Form, sealMaterial } from '../import-token/testing/sealed-material.ts'
import { newKey, openListeners, policy } from '../policies/testing/listeners.ts'
import { factsOf, openHouse } from './testing/house.ts'

/** One pair for all tests of this file: a real one takes seconds. */
let pair: ReturnType<MakeKeyPair> | undefined
const samePair: MakeKeyPair = async () => {
  pair ??= keyPairs(4_096)()
  const { publicKey, privateKey } = await pair
  return { publicKey, privateKey: new Uint8Array(privateKey) }
}

const enforced = policy('keyCreateImportAccess', true, { enforce_token: true })

function open() {
  const house = openHouse()
  const listeners = openListeners(house, samePair)
  const { ask } = listeners
  return {
    house,
    ...listeners,
    /** A deleted key that may be restored. */
    async deleted(members: object): Promise<string> {
      const made = await ask('POST', '/keys', { body: newKey(members) })
      const id = String(made.json().resources[0]?.['id'])
      await ask('DELETE', `/keys/${id}`)
      house.time += 60_000
      return id
    },
    restore: (id: string, members?: object) =>
      ask('POST', `/keys/${id}/restore`, members === undefined ? {} : { body: { resources: [members] } }),
    /** A fresh token, retrieved. */
    async token(): Promise<{ payload: string; nonce: string }> {
      await ask('POST', '/import_token', { body: {} })
      return (await ask('GET', '/import_token')).json<{ payload: string; nonce: string }>()
    },
    stateOf: (id: string) => house.parts.keys.find(house.instance.guid, id)?.state,
  }
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

test.each<Form>(['hpcs', 'key-protect'])(
  '%s: where a token is demanded, an imported key comes back with its own material under the token, and only so',
  async (form) => {
    const { house, deleted, restore, token, setInstance, stateOf } = open()
    const material = randomBytes(24)
    const id = await deleted({ payload: base64(material) })
    await setInstance(enforced)
    for (const members of [undefined, { payload: base64(material) }]) {
      const plain = await restore(id, members)
      expect([plain.status, plain.code]).toEqual([409, 'KEY_CREATE_IMPORT_ACCESS_ERR'])
    }
    const told = await token()
    for (const other of [randomBytes(24), randomBytes(32)]) {
      const answer = await restore(id, sealMaterial(form, told, other))
      expect([answer.status, answer.code]).toEqual([400, 'INVALID_FIELD_ERR'])
      expect(factsOf(house.lastEvent())).toMatchObject({
        action: 'hs-crypto.secrets.restore',
        outcome: 'failure',
        code: 400,
        requestData: { keyType: 'root' },
        responseData: {},
      })
      expect(house.lastEvent().reason.reasonForFailure).toContain('material')
    }
    expect(stateOf(id)).toBe(5)

    const sealed = sealMaterial(form, told, material)
    const restored = await restore(id, sealed)
    expect(restored.status).toBe(201)
    expect(restored.json().resources).toMatchObject([{ id, state: 1, imported: true }])
    const event = house.lastEvent()
    expect(factsOf(event)).toMatchObject({
      action: 'hs-crypto.secrets.restore',
      outcome: 'success',
      code: 201,
      responseData: { keyVersionId: id },
    })
    for (const secret of [sealed.payload, sealed.encryptedNonce, sealed.iv, base64(material), told.nonce]) {
      expect(JSON.stringify(event)).not.toContain(secret)
    }
  },
)

test('what is wrong with a secure import is told apart at a restore too, and recorded', async () => {
  const { house, deleted, restore, token, setInstance, stateOf } = open()
  const material = randomBytes(32)
  const id = await deleted({ payload: base64(material) })
  await setInstance(enforced)
  const meet = async (members: object, status: number, code: string): Promise<void> => {
    const answer = await restore(id, members)
    expect([answer.status, answer.code]).toEqual([status, code])
    expect(factsOf(house.lastEvent())).toMatchObject({
      action: 'hs-crypto.secrets.restore',
      outcome: 'failure',
      code: status,
    })
  }
  const unknown = { payload: base64(Buffer.from('none')), nonce: base64(randomBytes(12)) }
  const told = await token()
  const right = () => sealMaterial('hpcs', told, material)
  await meet(sealMaterial('hpcs', { ...told, nonce: unknown.nonce }, material), 400, 'INCORRECT_NONCE_ERR')
  await meet({ ...right(), iv: base64(randomBytes(7)) }, 400, 'INCORRECT_NONCE_IV_ERR')
  await meet({ ...right(), encryptedNonce: undefined }, 400, 'INCORRECT_NONCE_IV_ERR')
  await meet({ ...right(), payload: base64(randomBytes(512)) }, 400, 'INVALID_FIELD_ERR')
  const late = right()
  house.time += 600_000
  await meet(late, 409, 'IMPORT_TOKEN_EXPIRED_ERR')
  // A new token ends the one before: what was encrypted for it is not for this one.
  const before = right()
  await token()
  await meet(before, 400, 'INCORRECT_NONCE_ERR')
  expect(stateOf(id)).toBe(5)
})

test('a token that is replaced while a restore opens its material does not restore', async () => {
  const { house, ask, deleted, restore, token, setInstance, stateOf } = open()
  const material = randomBytes(32)
  const id = await deleted({ payload: base64(material) })
  await setInstance(enforced)
  const sealed = sealMaterial('key-protect', await token(), material)
  house.unit.meanwhile = async () => {
    house.unit.meanwhile = undefined
    await ask('POST', '/import_token', { body: {} })
  }
  expect((await restore(id, sealed)).code).toBe('INCORRECT_NONCE_ERR')
  expect(stateOf(id)).toBe(5)
})

test('plain material must be the key’s own where it is given, and need not be given', async () => {
  const { house, deleted, restore, stateOf } = open()
  for (const members of [{}, { extractable: true }]) {
    const material = randomBytes(32)
    const id = await deleted({ ...members, payload: base64(material) })
    for (const payload of [base64(randomBytes(32)), base64(randomBytes(16)), base64(randomBytes(5)), 'no base64']) {
      const answer = await restore(id, { payload })
      expect([answer.status, answer.code]).toEqual([400, 'INVALID_FIELD_ERR'])
      expect(answer.body).not.toContain(payload)
      expect(JSON.stringify(house.lastEvent())).not.toContain(payload)
    }
    expect(stateOf(id)).toBe(5)
    expect((await restore(id, { payload: base64(material) })).status).toBe(201)
  }
  for (const members of [undefined, {}, { payload: '' }]) {
    expect((await restore(await deleted({ payload: base64(randomBytes(32)) }), members)).status).toBe(201)
  }
})

test('of a rotated key the newest material counts', async () => {
  const { house, ask, deleted, restore } = open()
  const [first, second] = [randomBytes(32), randomBytes(32)]
  const id = await deleted({ payload: base64(first) })
  expect((await restore(id)).status).toBe(201)
  await ask('POST', `/keys/${id}/actions/rotate`, { body: { payload: base64(second) } })
  await ask('DELETE', `/keys/${id}`)
  house.time += 60_000
  expect((await restore(id, { payload: base64(first) })).code).toBe('INVALID_FIELD_ERR')
  expect((await restore(id, { payload: base64(second) })).status).toBe(201)
})

test('nobody has the material of a generated key: what is given for it is not looked into', async () => {
  const { deleted, restore, token, setInstance } = open()
  await setInstance(enforced)
  for (const payload of [base64(randomBytes(32)), 'no base64']) {
    expect((await restore(await deleted({}), { payload })).status).toBe(201)
  }
  const sealed = sealMaterial('hpcs', await token(), randomBytes(32))
  expect((await restore(await deleted({}), sealed)).status).toBe(201)
  const standard = await deleted({ extractable: true })
  expect((await restore(standard, sealed)).code).toBe('KEY_ROOT_REQ_ERR')
})

test('a unit that does not answer leaves the key deleted', async () => {
  const { house, deleted, restore, stateOf } = open()
  const material = randomBytes(32)
  for (const members of [{}, { extractable: true }]) {
    const id = await deleted({ ...members, payload: base64(material) })
    house.unit.fault = 'UNAVAILABLE'
    expect((await restore(id, { payload: base64(material) })).status).toBe(503)
    house.unit.fault = undefined
    expect(stateOf(id)).toBe(5)
  }
})
