/** The real process: what it may not do, what it does with garbage, how it is stopped, hung, killed and started anew. */
import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { Fields, FrameBatch, FrameReader } from '@keywitness/crypto-unit/frames'
import { protectionNames, readProtections, type Protections } from '@keywitness/crypto-unit/messages'
import { PROTOCOL_VERSION, operations, statusName } from '@keywitness/crypto-unit/protocol'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { findWrapper, launchUnit } from './launch.ts'
import { unitHouse, type HouseOptions, type UnitHouse } from './testing/unit-house.ts'
import type { BlobName, StoredBlob } from './unit-client.ts'

const instance = '3c1b7f0e-9a2d-4c58-8f11-2b1f8a6f5d01'
const rootKey: BlobName = { instance, kind: 'root-key', id: 'key-1' }
const houses: UnitHouse[] = []

afterEach(async () => {
  for (const house of houses.splice(0)) await house.close()
})

async function working(options: HouseOptions = {}): Promise<{ house: UnitHouse; stored: StoredBlob }> {
  const house = unitHouse(options)
  houses.push(house)
  await house.units.start()
  await house.units.runCeremony(instance, house.circumstances(instance))
  return { house, stored: { ...rootKey, blob: await house.units.client.generate(rootKey, 32) } }
}

function codes(calls: readonly Promise<unknown>[]): Promise<unknown[]> {
  return Promise.all(
    calls.map((call) =>
      call.then(
        () => 'answered',
        (error: { code?: string }) => error.code,
      ),
    ),
  )
}

function wraps(house: UnitHouse, stored: StoredBlob, count: number): Promise<unknown>[] {
  return Array.from({ length: count }, () => house.units.client.wrap(stored, new Uint8Array(32), new Uint8Array()))
}

/** Until the process is back, however long the machine takes. */
function returned(house: UnitHouse, stored: StoredBlob): Promise<void> {
  return vi.waitFor(
    async () => {
      await house.units.client.wrap(stored, undefined, new Uint8Array())
    },
    { timeout: 20_000, interval: 20 },
  )
}

describe('protections', () => {
  test('the process proves at its start what it may not do', async () => {
    const { house } = await working()
    const canLeaveNetwork = findWrapper().some((word) => word.endsWith('unshare'))
    const all = Object.fromEntries(protectionNames.map((name) => [name, true]))
    expect(house.units.protections).toEqual({ ...all, networkAbsent: canLeaveNetwork })
  })

  test.runIf(process.platform === 'linux')(
    'seen from outside it has no environment, no core dumps and no secret in its arguments',
    async () => {
      const { house } = await working()
      const proc = `/proc/${house.units.pid}`
      expect(readFileSync(`${proc}/environ`, 'utf8')).toBe('')
      expect(readFileSync(`${proc}/limits`, 'utf8')).toMatch(/Max core file size +0 +0 /)
      expect(readFileSync(`${proc}/cmdline`, 'utf8')).not.toContain(Buffer.alloc(32, 7).toString('hex'))
      expect(readFileSync(`${proc}/net/dev`, 'utf8')).not.toMatch(/eth|ens|wlan/)
    },
  )
})

describe('the raw pipe', () => {
  function raw(wrapper = findWrapper()): {
    pipe: Duplex
    ended: Promise<unknown>
    answers: { id: number; status: string }[]
    stderr: () => string
  } {
    const child = launchUnit(wrapper)
    const pipe = child.stdio[3] as Duplex
    const answers: { id: number; status: string }[] = []
    const reader = new FrameReader((id, status) => answers.push({ id, status: statusName(status) }))
    pipe.on('data', (chunk: Buffer) => reader.push(chunk))
    pipe.on('error', () => undefined)
    let stderr = ''
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    return { pipe, ended: once(child, 'exit').then(([code]) => code as unknown), answers, stderr: () => stderr }
  }

  function frame(id: number, operation: number, put: (request: FrameBatch) => void = () => undefined): Buffer {
    const batch = new FrameBatch()
    batch.begin(id, operation)
    put(batch)
    batch.end()
    return Buffer.from(batch.take())
  }

  const hello = frame(1, operations.HELLO, (request) => {
    request.u32(PROTOCOL_VERSION)
    request.raw(new Uint8Array(32))
  })

  test('it ends with code 0 when the pipe closes, before or after the greeting', async () => {
    const early = raw()
    early.pipe.end()
    expect(await early.ended).toBe(0)
    const late = raw()
    late.pipe.write(hello)
    await once(late.pipe, 'data')
    late.pipe.end()
    expect(await late.ended).toBe(0)
  })

  test.each([
    ['a length above the limit', Buffer.alloc(16, 0xff)],
    ['a length below the head', Buffer.alloc(16)],
    ['a greeting cut short', frame(1, operations.HELLO, (request) => request.u32(PROTOCOL_VERSION))],
  ])('%s ends it with code 65 and a word on stderr that holds nothing of the input', async (_, garbage) => {
    const { pipe, ended, stderr } = raw()
    pipe.write(garbage)
    expect(await ended).toBe(65)
    expect(stderr()).toMatch(/^crypto unit ends: ProtocolError [A-Z]+\n$/)
  })

  test('half a frame and then the end of the pipe ends it', async () => {
    const { pipe, ended } = raw()
    pipe.write(hello.subarray(0, 20))
    pipe.end()
    expect(await ended).toBe(0)
  })

  test('requests before the greeting, another version, and a second greeting are answered as errors', async () => {
    const { pipe, ended, answers } = raw()
    pipe.write(frame(5, operations.WRAP))
    pipe.write(
      frame(6, operations.HELLO, (request) => {
        request.u32(PROTOCOL_VERSION + 1)
        request.raw(new Uint8Array(32))
      }),
    )
    pipe.write(hello)
    pipe.write(frame(7, operations.HELLO))
    pipe.write(frame(8, 0xee))
    await vi.waitFor(() => expect(answers.length).toBe(5), { timeout: 20_000 })
    pipe.end()
    expect(await ended).toBe(0)
    expect(new Map(answers.map(({ id, status }) => [id, status]))).toEqual(
      new Map([
        [5, 'NOT_READY'],
        [6, 'FAILED'],
        [1, 'OK'],
        [7, 'UNKNOWN_OPERATION'],
        [8, 'UNKNOWN_OPERATION'],
      ]),
    )
  })

  test('a server that does not read its answers gets them all once it reads again', async () => {
    const { pipe, ended, answers } = raw()
    pipe.write(hello)
    await vi.waitFor(() => expect(answers.length).toBe(1), { timeout: 20_000 })
    pipe.pause()
    const many = Buffer.concat(Array.from({ length: 2_000 }, (_, index) => frame(index + 2, 0xee)))
    for (let round = 0; round < 30; round++) pipe.write(many)
    let stuck = 0
    for (let before = -1; stuck < 500; before = pipe.writableLength) {
      await turn()
      stuck = pipe.writableLength === before ? stuck + 1 : 0
    }
    expect(answers.length).toBe(1)
    pipe.resume()
    await vi.waitFor(() => expect(answers.length).toBe(60_001), { timeout: 20_000 })
    pipe.end()
    expect(await ended).toBe(0)
  })

  test.runIf(process.platform === 'linux')(
    'without a wrapper it tells that network and core dumps are there',
    async () => {
      const { pipe, ended } = raw([])
      const protections = Promise.withResolvers<Protections>()
      const reader = new FrameReader((_, __, payload) => protections.resolve(readProtections(new Fields(payload))))
      pipe.on('data', (chunk: Buffer) => reader.push(chunk))
      pipe.write(hello)
      expect(await protections.promise).toMatchObject({
        environmentClean: true,
        filesDenied: true,
        networkAbsent: false,
      })
      pipe.end()
      expect(await ended).toBe(0)
    },
  )

  test('frames that arrive byte by byte are answered', async () => {
    const { pipe, ended, answers } = raw()
    for (const byte of hello) pipe.write(Buffer.from([byte]))
    await vi.waitFor(() => expect(answers).toEqual([{ id: 1, status: 'OK' }]), { timeout: 20_000 })
    pipe.end()
    expect(await ended).toBe(0)
  })
})

describe('a process that does not answer', () => {
  test('calls to a stopped one are refused TIMEOUT; when it goes on, late answers are dropped and new ones are right', async () => {
    const { house, stored } = await working({ deadlineMs: 1_000, hangMs: 60_000 })
    process.kill(house.units.pid ?? 0, 'SIGSTOP')
    expect(new Set(await codes(wraps(house, stored, 200)))).toEqual(new Set(['TIMEOUT']))
    process.kill(house.units.pid ?? 0, 'SIGCONT')
    const plaintexts = Array.from({ length: 50 }, (_, index) => new Uint8Array(32).fill(index))
    const opened = await Promise.all(
      plaintexts.map(async (plaintext) => {
        const sealed = await house.units.client.wrap(stored, plaintext, new Uint8Array())
        return await house.units.client.unwrap(stored, sealed, new Uint8Array())
      }),
    )
    expect(opened).toEqual(plaintexts)
  })

  test('one that stays silent is killed and started anew', async () => {
    const { house, stored } = await working({ deadlineMs: 500, hangMs: 1_000 })
    const pid = house.units.pid
    process.kill(pid ?? 0, 'SIGSTOP')
    expect(new Set(await codes(wraps(house, stored, 5)))).toEqual(new Set(['TIMEOUT']))
    await returned(house, stored)
    expect(house.units.pid).not.toBe(pid)
    expect(house.logged()).toContain('does not answer any more')
  })

  test('stopping the server ends a stopped one too', async () => {
    const { house } = await working()
    const pid = house.units.pid ?? 0
    process.kill(pid, 'SIGSTOP')
    await house.units.stop()
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    expect(house.units.pid).toBeUndefined()
  })
})

test('signals that end a server do not end its unit before the server has drained', async () => {
  const { house, stored } = await working()
  const pid = house.units.pid ?? 0
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.kill(pid, signal)
  expect(new Set(await codes(wraps(house, stored, 50)))).toEqual(new Set(['answered']))
  expect(house.units.pid).toBe(pid)
})

describe('a killed process', () => {
  test('calls in flight are refused UNAVAILABLE, and it comes back from the committed states', async () => {
    const { house, stored } = await working()
    const sealed = await house.units.client.wrap(stored, new Uint8Array([1, 2, 3]), new Uint8Array())
    const before = await house.units.describe(instance)
    const pid = house.units.pid ?? 0
    process.kill(pid, 'SIGSTOP')
    const calls = codes(wraps(house, stored, 100))
    process.kill(pid, 'SIGKILL')
    expect(new Set(await calls)).toEqual(new Set(['UNAVAILABLE']))
    await returned(house, stored)
    expect(house.units.pid).not.toBe(pid)
    expect(await house.units.describe(instance)).toEqual(before)
    expect(await house.units.client.unwrap(stored, sealed, new Uint8Array())).toEqual(new Uint8Array([1, 2, 3]))
    expect(house.logged()).toContain('ended unexpectedly')
  })

  test('killed again and again under load, every call ends and every answer is right', async () => {
    const { house, stored } = await working()
    for (let round = 0; round < 3; round++) {
      const calls = codes(wraps(house, stored, 2_000))
      process.kill(house.units.pid ?? 0, 'SIGKILL')
      for (const code of new Set(await calls)) expect(['answered', 'UNAVAILABLE']).toContain(code)
      await returned(house, stored)
    }
  })

  test('calls while it is down are refused at once', async () => {
    const { house, stored } = await working()
    await house.units.stop()
    expect(await codes(wraps(house, stored, 2))).toEqual(['UNAVAILABLE', 'UNAVAILABLE'])
  })
})

describe('starting', () => {
  test('states of another seal are refused with a typed error, and nothing runs', async () => {
    const { house } = await working()
    await house.units.stop()
    const other = unitHouse({ store: house.store, folder: house.folder, seal: new Uint8Array(32).fill(8) })
    await expect(other.units.start()).rejects.toMatchObject({ name: 'UnitStartError', code: 'BROKEN_STATE' })
    expect(other.units.pid).toBeUndefined()
  })

  test('a second start finds every unit as it was', async () => {
    const { house, stored } = await working()
    const before = await house.units.describe(instance)
    await house.units.stop()
    await house.units.start()
    expect(await house.units.describe(instance)).toEqual(before)
    expect(await codes(wraps(house, stored, 1))).toEqual(['answered'])
  })
})
