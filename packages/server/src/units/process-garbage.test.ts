/** The real process takes nothing that is not in its protocol: each frame has one answer, a broken stream ends it, a state survives it all. */
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { Fields, FrameBatch, FrameReader } from '@keywitness/crypto-unit/frames'
import { putIdentity, readReport, type UnitIdentity } from '@keywitness/crypto-unit/messages'
import {
  FRAME_BYTES_MAX,
  PROTOCOL_VERSION,
  STATE_BYTES_MAX,
  operations,
  statusName,
} from '@keywitness/crypto-unit/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findWrapper, launchUnit } from './launch.ts'

const identity: UnitIdentity = {
  instance: '3c1b7f0e-9a2d-4c58-8f11-2b1f8a6f5d01',
  unit: 'unit-1',
  type: 'operational',
  location: '[us-south].[AZ1-SOFT].[00].[00]',
  serial: 'SOFT1000',
}

interface Answer {
  readonly status: string
  readonly fields: Fields
}

let pipe: Duplex
let ended: Promise<unknown>
let nextId = 1
const waiting = new Map<number, (answer: Answer) => void>()
/** Answers to what nobody asked, or asked once and answered twice. */
let strange = 0

beforeEach(() => {
  const child = launchUnit(findWrapper())
  pipe = child.stdio[3] as Duplex
  strange = 0
  const reader = new FrameReader((id, status, payload) => {
    const resolve = waiting.get(id)
    waiting.delete(id)
    if (resolve === undefined) strange += 1
    else resolve({ status: statusName(status), fields: new Fields(Buffer.from(payload)) })
  })
  pipe.on('data', (chunk: Buffer) => reader.push(chunk))
  pipe.on('error', () => undefined)
  ended = once(child, 'exit').then(([code]) => code as unknown)
})
afterEach(async () => {
  pipe.end()
  await ended
  waiting.clear()
})

function frame(id: number, operation: number, payload: Uint8Array): Buffer {
  const batch = new FrameBatch()
  batch.begin(id, operation)
  batch.raw(payload)
  batch.end()
  return Buffer.from(batch.take())
}

function payloadOf(put: (request: FrameBatch) => void): Buffer {
  const batch = new FrameBatch()
  put(batch)
  return Buffer.from(batch.take())
}

function send(operation: number, payload: Uint8Array): Promise<Answer> {
  const id = nextId++
  return new Promise((resolve) => {
    waiting.set(id, resolve)
    pipe.write(frame(id, operation, payload))
  })
}

const hello = (): Promise<Answer> =>
  send(
    operations.HELLO,
    payloadOf((request) => {
      request.u32(PROTOCOL_VERSION)
      request.raw(new Uint8Array(32).fill(9))
    }),
  )

async function create(): Promise<Buffer> {
  const made = await send(
    operations.CREATE,
    payloadOf((request) => putIdentity(request, identity)),
  )
  return Buffer.from(made.fields.bytes(STATE_BYTES_MAX))
}

const adopt = (sealed: Uint8Array): Promise<Answer> =>
  send(
    operations.ADOPT,
    payloadOf((request) => request.bytes(sealed)),
  )

const report = (): Promise<Answer> =>
  send(
    operations.REPORT,
    payloadOf((request) => {
      request.text(identity.instance)
      request.text(identity.unit)
    }),
  )

const named = Object.entries(operations).filter(([name]) => name !== 'HELLO')

test('before the greeting no operation does anything, whatever it carries', async () => {
  const answers = await Promise.all(named.map(([, operation]) => send(operation, randomBytes(40))))
  expect(answers.map(({ status }) => status)).toEqual(named.map(() => 'NOT_READY'))
  expect((await hello()).status).toBe('OK')
})

test('a second greeting changes no seal: what was sealed under the first one still opens', async () => {
  await hello()
  const sealed = await create()
  const second = await send(
    operations.HELLO,
    payloadOf((request) => {
      request.u32(PROTOCOL_VERSION)
      request.raw(new Uint8Array(32).fill(1))
    }),
  )
  expect(second.status).toBe('UNKNOWN_OPERATION')
  expect((await adopt(sealed)).status).toBe('OK')
})

test.each(named)(
  '%s with nothing, with too little, with too much and with lengths that lie is refused',
  async (name, op) => {
    await hello()
    const lying = Buffer.alloc(64, 0xff)
    const answers = await Promise.all([
      // With nothing it asks for the root, which is no secret.
      ...(name === 'ROOT' ? [] : [send(op, Buffer.alloc(0))]),
      send(op, Buffer.from([1])),
      send(op, lying),
      send(op, Buffer.concat([Buffer.from([200]), Buffer.alloc(10)])),
      send(op, Buffer.concat([payloadOf((request) => putIdentity(request, identity)), randomBytes(500)])),
    ])
    for (const { status } of answers)
      expect(['MALFORMED', 'NOT_READY', 'KIND', 'BROKEN_STATE', 'LIMIT']).toContain(status)
    expect((await send(0xee, Buffer.alloc(0))).status).toBe('UNKNOWN_OPERATION')
  },
)

test('garbage by the thousand frames has one answer each and changes nothing', async () => {
  await hello()
  await adopt(await create())
  const before = readReport((await report()).fields)
  const sealed = await create()
  const answers = await Promise.all(
    Array.from({ length: 3_000 }, (_, at) => {
      const operation = at % 3 === 0 ? randomInt(2, 256) : (named[at % named.length]?.[1] ?? 0)
      // Parts of what would be right, and noise.
      const payload = Buffer.concat([
        at % 4 === 0 ? payloadOf((request) => putIdentity(request, identity)) : Buffer.alloc(0),
        at % 5 === 0 ? sealed.subarray(0, randomInt(0, sealed.length)) : Buffer.alloc(0),
        randomBytes(randomInt(0, 300)),
      ])
      return send(operation, payload)
    }),
  )
  expect(answers.filter(({ status }) => status === 'FAILED')).toEqual([])
  expect(strange).toBe(0)
  expect(readReport((await report()).fields)).toEqual(before)
})

test('a state that was altered anywhere, cut or made longer is never put into force', async () => {
  await hello()
  const sealed = await create()
  const altered = Array.from({ length: sealed.length }, (_, at) => {
    const copy = Buffer.from(sealed)
    copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8))
    return copy
  })
  const cut = Array.from({ length: 40 }, () => sealed.subarray(0, randomInt(0, sealed.length)))
  const longer = Buffer.concat([sealed, Buffer.alloc(1)])
  const answers = await Promise.all([...altered, ...cut, longer].map(adopt))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['BROKEN_STATE']))
  expect((await report()).status).toBe('NOT_READY')
  expect((await adopt(sealed)).status).toBe('OK')
})

test.each([
  ['one byte more than a frame may have', FRAME_BYTES_MAX + 1],
  ['the most that a length can say', 0xffff_ffff],
  ['less than its own head', 4],
  ['nothing', 0],
])('a length of %s ends the process, whatever it did before', async (_, bytes) => {
  await hello()
  await adopt(await create())
  const head = Buffer.alloc(9)
  head.writeUInt32BE(bytes)
  pipe.write(head)
  expect(await ended).toBe(65)
})

test('a frame cut off by the end of the pipe is no frame', async () => {
  await hello()
  const whole = frame(
    9_999,
    operations.CREATE,
    payloadOf((request) => putIdentity(request, identity)),
  )
  pipe.write(whole.subarray(0, whole.length - 1))
  pipe.end()
  expect(await ended).toBe(0)
  expect(strange).toBe(0)
})
