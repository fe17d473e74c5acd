/** EP11 through the real process: calls come through, each has an outcome whatever happens, and facts are the event's. */
import { buildEvent, type ActivityEvent } from '@keywitness/cadf'
import { attributeTypes } from '@keywitness/crypto-unit/ep11/attributes'
import {
  calls,
  type CallFacts,
  type CallName,
  type CallOutcome,
  type CallRequest,
} from '@keywitness/crypto-unit/ep11/calls'
import { mechanisms } from '@keywitness/crypto-unit/ep11/mechanisms'
import { returnValues } from '@keywitness/crypto-unit/ep11/return-values'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { systemClock } from '../clock.ts'
import { createEventStamp } from '../event-stamp.ts'
import { initiatorOf } from '../initiator.ts'
import { createEp11Client, type Ep11Client } from './ep11-client.ts'
import { unitHouse, type UnitHouse } from './testing/unit-house.ts'
import { UnitRefusal } from './unit-client.ts'

const instance = '3c1b7f0e-9a2d-4c58-8f11-2b1f8a6f5d01'
const none: Buffer = Buffer.alloc(0)
const cbc = {
  value: mechanisms.CKM_AES_CBC_PAD.value,
  parameter: { kind: 'bytes', bytes: Buffer.alloc(16, 1) },
} as const
const bare = (value: number) => ({ value, parameter: { kind: 'none' } }) as const
const plain = Buffer.from('plain text')
let house: UnitHouse
let key = none

beforeAll(async () => {
  house = unitHouse()
  await house.units.start()
  await house.units.runCeremony(instance, house.circumstances(instance))
  const template = new Map([[attributeTypes.CKA_VALUE_LEN, 32n]])
  const made = await call('GenerateKey', { mechanism: bare(mechanisms.CKM_AES_KEY_GEN.value), template })
  key = answerOf(made).key
})
afterAll(() => house.close())

function call<Name extends CallName>(
  name: Name,
  request: CallRequest<Name>,
  session?: Buffer,
): Promise<CallOutcome<Name>> {
  return house.units.ep11.call(instance, session, name, request)
}

function answerOf<Name extends CallName>(outcome: CallOutcome<Name>) {
  if ('answer' in outcome) return outcome.answer
  throw new Error(`${outcome.refusal.code} ${outcome.refusal.message}`)
}

function codeOf(outcome: CallOutcome<CallName>): number {
  return 'refusal' in outcome ? outcome.refusal.code : returnValues.CKR_OK
}

test('what is encrypted is decrypted, in one call and in parts', async () => {
  const whole = answerOf(await call('EncryptSingle', { mechanism: cbc, key, plain })).ciphered
  const { state } = answerOf(await call('DecryptInit', { mechanism: cbc, key }))
  const part = answerOf(await call('DecryptUpdate', { state, ciphered: whole }))
  const last = answerOf(await call('DecryptFinal', { state: part.state }))
  expect(Buffer.concat([part.plain, last.plain])).toEqual(plain)
  expect(codeOf(await call('DecryptUpdate', { state, ciphered: whole }))).toBe(
    returnValues.CKR_OPERATION_NOT_INITIALIZED,
  )
})

test('data of 4 MiB go to the unit and come back', async () => {
  const large = Buffer.alloc(4 * 1024 * 1024 - 1, 7)
  const { ciphered } = answerOf(await call('EncryptSingle', { mechanism: cbc, key, plain: large }))
  expect(ciphered.length).toBe(large.length + 1)
  expect(answerOf(await call('DecryptSingle', { mechanism: cbc, key, ciphered })).plain.equals(large)).toBe(true)
  const longer = Buffer.alloc(4 * 1024 * 1024 + 1)
  const refused = await call('EncryptSingle', { mechanism: cbc, key, plain: longer })
  expect(codeOf(refused)).toBe(returnValues.CKR_IBM_TRANSPORT_LIMIT)
})

test('while key pairs are found, other calls are answered', async () => {
  const publicTemplate = new Map([[attributeTypes.CKA_MODULUS_BITS, 2048n]])
  const mechanism = bare(mechanisms.CKM_RSA_PKCS_KEY_PAIR_GEN.value)
  const order: string[] = []
  const pairs = Array.from({ length: 4 }, async () => {
    const { publicKey } = answerOf(
      await call('GenerateKeyPair', { mechanism, publicTemplate, privateTemplate: new Map() }),
    )
    order.push('pair')
    return publicKey
  })
  answerOf(await call('GenerateRandom', { length: 16 }))
  order.push('random')
  for (const publicKey of await Promise.all(pairs)) expect(publicKey[0]).toBe(0x30)
  expect(order[0]).toBe('random')
})

test('whatever the outcome, its facts are those that the event has room for', async () => {
  const session = answerOf(await call('Login', { storeId: Buffer.from('store'), pin: Buffer.from('123456') })).pinBlob
  const { state } = answerOf(await call('SignInit', { mechanism: bare(mechanisms.CKM_SHA256_HMAC.value), key }))
  const values = {
    bytes: [none, key, state, plain],
    u32: [1],
    u32s: [[attributeTypes.CKA_CLASS, 0x8fff_ffff]],
    mechanism: [
      cbc,
      bare(0x8001_0023),
      bare(mechanisms.CKM_AES_KEY_GEN.value),
      bare(mechanisms.CKM_EC_KEY_PAIR_GEN.value),
    ],
    template: [
      new Map<number, bigint | Buffer | boolean>([
        [attributeTypes.CKA_VALUE_LEN, 0xffff_ffffn],
        [attributeTypes.CKA_EC_PARAMS, Buffer.from('BP-256R')],
      ]),
      new Map([[attributeTypes.CKA_SIGN, true]]),
    ],
  }
  for (const name of Object.keys(calls) as CallName[]) {
    for (let round = 0; round < 4; round++) {
      const shape = Object.entries(calls[name].request)
      const request = Object.fromEntries(
        shape.map(([field, type], at) => [field, values[type][(round + at) % values[type].length]]),
      )
      const { facts } = await call(name, request as CallRequest<CallName>, round === 0 ? session : undefined)
      expect(eventOf(facts).action).toBe('hs-crypto.ep11.use')
    }
  }
})

/** @throws EventError for a fact that the event does not have, or that is not of its field's type */
function eventOf({ request, response }: CallFacts): ActivityEvent {
  const { caller, logSourceCRN } = house.circumstances(instance)
  const facts = {
    action: 'hs-crypto.ep11.use',
    outcome: 'success',
    reason: { code: 200 },
    initiator: initiatorOf(caller),
    target: { id: logSourceCRN, name: 'any' },
    logSourceCRN,
    request: request as object,
    response: response as object,
  } as const
  return buildEvent(facts, createEventStamp('Keywitness')(systemClock.now()))
}

test('operations go on in the process that comes after one that was killed', async () => {
  const { state } = answerOf(await call('EncryptInit', { mechanism: cbc, key }))
  const part = answerOf(await call('EncryptUpdate', { state, plain }))
  const { pid } = house.units
  process.kill(pid ?? 0, 'SIGKILL')
  const refused = await call('EncryptFinal', { state: part.state })
  expect(codeOf(refused)).toBe(returnValues.CKR_DEVICE_REMOVED)
  expect(refused.facts).toEqual({ request: {}, response: {} })
  await vi.waitUntil(() => house.units.pid !== undefined && house.units.pid !== pid, { timeout: 20_000 })
  const last = answerOf(await call('EncryptFinal', { state: part.state }))
  const whole = answerOf(await call('EncryptSingle', { mechanism: cbc, key, plain })).ciphered
  expect(Buffer.concat([part.ciphered, last.ciphered])).toEqual(whole)
})

test.each([
  ['TIMEOUT', 'CKR_IBM_REQ_TIMEOUT'],
  ['UNAVAILABLE', 'CKR_DEVICE_REMOVED'],
  ['LIMIT', 'CKR_IBM_TRANSPORT_LIMIT'],
  ['NOT_READY', 'CKR_IBM_WK_NOT_INITIALIZED'],
  ['KIND', 'CKR_DEVICE_ERROR'],
] as const)('a unit that is %s refuses with %s', async (code, name) => {
  const client: Ep11Client = createEp11Client({ call: () => Promise.reject(new UnitRefusal(code, 'why')) })
  const outcome = await client.call(instance, undefined, 'GetMechanismList', {})
  expect(outcome).toEqual({
    facts: { request: {}, response: {} },
    refusal: expect.objectContaining({ code: returnValues[name], message: 'why' }) as object,
  })
})

test('a fault of the server itself is no outcome', async () => {
  const client = createEp11Client({ call: () => Promise.reject(new TypeError('ours')) })
  await expect(client.call(instance, undefined, 'GetMechanismList', {})).rejects.toThrow('ours')
})
