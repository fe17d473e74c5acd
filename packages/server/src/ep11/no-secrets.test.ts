/** Canaries: nothing that a call carries, in either direction, is in an event, a line of the log, an error or a metric. */
import { randomBytes } from 'node:crypto'
import { type CallName, calls } from '@keywitness/crypto-unit/ep11/calls'
import type { MetadataValue } from '@grpc/grpc-js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ep11House, openEp11House } from './testing/ep11-house.ts'
import { detailOf, type Grep11Client } from './testing/grep11-client.ts'

const windowBytes = 8

let house: Ep11House
let client: Grep11Client
const planted: { what: string; secret: Buffer }[] = []
const told: string[] = []
beforeAll(async () => {
  house = await openEp11House()
  client = await house.client()
})
afterAll(() => house.close())

function plant(what: string): Buffer {
  const secret = randomBytes(12)
  planted.push({ what, secret: Buffer.from(secret) })
  return secret
}

/** What of the planted is in a text: any piece of eight bytes, as it is, in hexadecimal or in Base64. */
function found(where: string, content: string): string[] {
  const lower = content.toLowerCase()
  return planted.flatMap(({ what, secret }) => {
    for (let at = 0; at + windowBytes <= secret.length; at++) {
      const piece = secret.subarray(at, at + windowBytes)
      const forms = [piece.toString('latin1'), piece.toString('utf8')]
      // Nine bytes from a multiple of three on are always the same twelve letters.
      if (at % 3 === 0) forms.push(secret.subarray(at, at + 9).toString('base64'))
      if (forms.some((form) => content.includes(form)) || lower.includes(piece.toString('hex'))) {
        return [`${what} in ${where}`]
      }
    }
    return []
  })
}

const template = (what: string): object => ({ 3: { AttributeB: plant(`${what}, a label`) } })
const mechanism = (what: string): object => ({ Mechanism: 1, ParameterB: plant(`${what}, a parameter`) })

/** A request in whose every field something secret stands. */
function secretRequest(name: CallName): Record<string, unknown> {
  const blob = (what: string): object => ({ KeyBlobs: [plant(`${what}, a blob`)] })
  return {
    Mech: name === 'GetMechanismInfo' ? 1 : mechanism(name),
    DecMech: mechanism(name),
    EncMech: mechanism(name),
    State: plant(`${name}, a state`),
    Data: plant(`${name}, data`),
    Plain: plant(`${name}, plain text`),
    Ciphered: plant(`${name}, cipher text`),
    Signature: plant(`${name}, a signature`),
    Wrapped: plant(`${name}, a wrapped key`),
    Object: plant(`${name}, an object`),
    Pin: plant(`${name}, a PIN`),
    Storeid: plant(`${name}, a store`),
    WrappedKeyBytes: plant(`${name}, a wrapped blob`),
    Key: blob(name),
    PrivKey: blob(name),
    PubKey: blob(name),
    KeK: blob(name),
    MacKey: blob(name),
    BaseKey: blob(name),
    DecKey: blob(name),
    EncKey: blob(name),
    Template: template(name),
    PrivKeyTemplate: template(name),
    PubKeyTemplate: template(name),
    Attributes: template(name),
  }
}

function secretAnswer(what: string, type: string): unknown {
  if (type === 'bytes') return plant(what)
  if (type === 'template') return new Map([[3, plant(what)]])
  return type === 'u32' ? 1 : [1]
}

test('whatever calls carry stays between client and unit, however they end', async () => {
  const names = (Object.keys(calls) as CallName[]).filter((name) => calls[name].code <= 40)
  const ends = ['answered', 'refused', 'failed unexpectedly'] as const
  for (const end of ends) {
    for (const name of names) {
      house.unit.respond = (asked) => {
        if (end === 'refused') return { refusal: { code: 0x20, message: 'The data are not valid.' } }
        if (end === 'failed unexpectedly') throw new Error('the unit failed')
        const shape = Object.entries(calls[asked.name].answer)
        const answer = shape.map(([field, type]) => [field, secretAnswer(`${name}, the answer`, type)] as const)
        return { answer: Object.fromEntries(answer) as never }
      }
      const session = plant('a session') as MetadataValue
      const metadata = { 'ep11-session-bin': session, 'x-unknown': plant('metadata').toString('base64') }
      const { error } = await client.ends(name, secretRequest(name), metadata)
      if (error !== undefined) told.push(error.details, JSON.stringify(detailOf(error)), JSON.stringify(error.metadata))
    }
  }
  const token = plant('a token').toString('base64url')
  for (const authorization of [`Bearer ${token}`, `Bearer a.${token}.b`, token]) {
    const { error } = await client.ends(
      'Logout',
      {},
      { authorization, 'bluemix-instance': plant('a guid').toString('hex') },
    )
    if (error !== undefined) told.push(error.details)
  }
  const garbage = await client.raw(
    '/grep11.Crypto/Encrypt',
    Buffer.concat([Buffer.from('0a7f', 'hex'), plant('garbage')]),
  )
  told.push(JSON.stringify(detailOf(garbage.error)))
  await client.raw(
    `/grep11.Crypto/${plant('a path').toString('hex')}?x=${plant('a query').toString('hex')}`,
    Buffer.alloc(0),
  )
  expect(planted.length).toBeGreaterThan(3_000)
  expect([
    ...found('an event', JSON.stringify(house.events())),
    ...found('the log', house.logged.join('\n')),
    ...found('an error', told.join('\n')),
    ...found('a metric', await house.registry.metrics()),
  ]).toEqual([])
})

test('a canary that is planted is found', () => {
  const secret = plant('itself')
  for (const text of [
    secret.toString('hex'),
    secret.toString('base64'),
    JSON.stringify({ a: secret.toString('hex') }),
  ]) {
    expect(found('a text', text)).toEqual(['itself in a text'])
  }
})

test('what was answered is overwritten: messages as they came, and answers as they were made', async () => {
  const kept: Buffer[] = []
  const spy = house.unit.call.bind(house.unit)
  house.unit.respond = () => ({})
  house.unit.call = async (instance, session, name, request) => {
    for (const value of Object.values(request)) if (Buffer.isBuffer(value)) kept.push(value)
    return spy(instance, session, name, request)
  }
  await client.ask('Encrypt', { State: plant('a state'), Plain: plant('plain text') })
  await expect.poll(() => kept.map((bytes) => bytes.every((byte) => byte === 0))).toEqual([true, true])
})
