/** Exports under way: any size in bounded memory, no faster than they are taken, and every one has its end recorded. */
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import { entryOfJsonLine } from '@keywitness/cadf'
import { leafHash, parseVerifierKey, toBase64, verifyEvidence } from '@keywitness/tlog'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { Refusal } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { openTrailHouse, type TrailHouse } from '../../testing/trail-house.ts'
import { type ExportedTrail, type ExportEnd, type ExportRequest, Exports } from './export.ts'
import type { ExportAsk, ExportPage } from '../messages.ts'
import type { Growth } from '../trail.ts'

const rows = 30_000
const log = pino({ level: 'silent' })
const place = { account: '0'.padStart(32, '0'), location: 'eu-de' }

/** An export's other side: what it was told, and its end. */
interface Opened {
  readonly body: Readable
  readonly exports: Exports
  readonly ends: { how: ExportEnd; rows: number; lastIndex: number | undefined }[]
  readonly leave: () => void
  /** The client is gone, as the listener sees it. */
  disallow(): void
}

function open(trail: ExportedTrail, over: Partial<ExportRequest> = {}): Opened {
  const exports = new Exports(trail, log)
  const ends: Opened['ends'] = []
  const leaving = new AbortController()
  let isAllowed = true
  const { body, begun } = exports.start({
    place,
    format: 'jsonl',
    filter: {},
    after: -1,
    isResumed: false,
    end: rows,
    size: rows,
    note: '',
    keys: [],
    query: '{}',
    isAllowed: () => isAllowed,
    gone: leaving.signal,
    ended: async (how, told) => void ends.push({ how, ...told }),
    ...over,
  })
  begun()
  body.on('error', () => undefined)
  return { body, exports, ends, leave: () => leaving.abort(), disallow: () => void (isAllowed = false) }
}

const closed = async (body: Readable): Promise<void> => {
  while (!body.closed) await turn()
  await turn()
}

/** A trail whose pages have one row each and come when told to; counts how many were asked for. */
function standingTrail(pages: number) {
  const waiting: { answer: (page: ExportPage) => void; refuse: (error: Error) => void; ask: ExportAsk }[] = []
  let asked = 0
  const trail = {
    ask: (_place: unknown, _name: string, ask: ExportAsk, { signal }: { signal?: AbortSignal } = {}) =>
      new Promise((answer, refuse) => {
        asked += 1
        signal?.addEventListener('abort', () => refuse(new Refusal('SEARCH_WITHDRAWN')))
        waiting.push({ answer, refuse, ask })
      }),
  } as unknown as ExportedTrail
  const next = async (): Promise<NonNullable<(typeof waiting)[number]>> => {
    while (waiting.length === 0) await turn()
    return waiting.shift()!
  }
  const page = (ask: ExportAsk): ExportPage => {
    const index = ask.after + 1
    return {
      bytes: Buffer.alloc(limits.exportPageBytes, 0x61),
      rows: 1,
      lastIndex: index,
      scannedTo: index,
      isLast: index + 1 === pages,
    }
  }
  return {
    trail,
    asked: () => asked,
    answer: async () => {
      const { answer, ask } = await next()
      answer(page(ask))
    },
    refuse: async (error: Error) => (await next()).refuse(error),
  }
}

test('a reader that does not read holds the export: no page is asked for beyond the one that waits', async () => {
  const { trail, asked, answer } = standingTrail(50)
  const { body, ends, exports } = open(trail)
  body.read(0)
  await answer()
  for (let i = 0; i < 50; i++) await turn()
  expect(asked()).toBeLessThanOrEqual(2)
  const whole = buffer(body)
  for (let i = 1; i < 50; i++) await answer()
  expect((await whole).length).toBe(50 * limits.exportPageBytes)
  expect(asked()).toBe(50)
  expect(ends).toEqual([{ how: 'complete', rows: 50, lastIndex: 49 }])
  await closed(body)
  expect(exports.count).toBe(0)
})

test('a reader that takes nothing for two minutes is dropped, and makes room', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const { trail, answer } = standingTrail(50)
    const { body, ends, exports } = open(trail)
    body.read(0)
    await answer()
    for (let i = 0; i < 20; i++) await turn()
    vi.advanceTimersByTime(limits.exportStallMs - 1)
    expect(body.destroyed).toBe(false)
    vi.advanceTimersByTime(1)
    await closed(body)
    expect(ends).toEqual([{ how: 'client-left', rows: 1, lastIndex: 0 }])
    expect(exports.count).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('a client that leaves takes its question back, and the end says what it had', async () => {
  const { trail, answer } = standingTrail(50)
  const { body, ends, leave, exports } = open(trail)
  body.resume()
  await answer()
  await answer()
  leave()
  await closed(body)
  expect(ends).toEqual([{ how: 'client-left', rows: 2, lastIndex: 1 }])
  expect(exports.count).toBe(0)
})

test('rights that end during a page tell nothing of it', async () => {
  const { trail, answer, asked } = standingTrail(50)
  const { body, ends, disallow } = open(trail)
  const whole = buffer(body)
  await answer()
  while (asked() < 2) await turn()
  disallow()
  await answer()
  await expect(whole).rejects.toThrow('may not')
  expect(ends).toEqual([{ how: 'not-allowed', rows: 1, lastIndex: 0 }])
})

test('a stop ends every export and waits until its end is recorded', async () => {
  const { trail, answer } = standingTrail(50)
  let record = (): void => undefined
  const recorded: ExportEnd[] = []
  const { body, exports } = open(trail, {
    ended: (how) => new Promise((resolve) => (record = () => resolve(void recorded.push(how)))),
  })
  body.resume()
  await answer()
  let isStopped = false
  const stopping = exports.stop().then(() => (isStopped = true))
  await turn()
  expect(isStopped).toBe(false)
  record()
  await stopping
  expect(recorded).toEqual(['shutting-down'])
})

test('a question that waited too long is asked again, some times; a log that fails ends the export', async () => {
  const { trail, answer, refuse, asked } = standingTrail(1)
  const patient = open(trail)
  const whole = buffer(patient.body)
  for (let i = 1; i < limits.exportTries; i++) await refuse(new Refusal('SEARCH_CANCELLED'))
  await answer()
  await whole
  expect(asked()).toBe(limits.exportTries)
  expect(patient.ends).toMatchObject([{ how: 'complete' }])

  const failing = standingTrail(1)
  const failed = open(failing.trail)
  const broken = buffer(failed.body)
  await failing.refuse(new Error('search thread: CORRUPT: entry 7'))
  await expect(broken).rejects.toThrow('CORRUPT')
  expect(failed.ends).toEqual([{ how: 'failed', rows: 0, lastIndex: undefined }])
})

test('an end that cannot be recorded breaks the answer off: its reader never takes it for whole', async () => {
  const { trail, answer } = standingTrail(1)
  const { body } = open(trail, { ended: () => Promise.reject(new Refusal('AUDIT_UNAVAILABLE')) })
  const whole = buffer(body)
  await answer()
  await expect(whole).rejects.toThrow('recorded')
})

test('what was never begun has no end', async () => {
  const { trail } = standingTrail(1)
  const ends: ExportEnd[] = []
  const leaving = new AbortController()
  const exports = new Exports(trail, log)
  const request = { place, format: 'csv', filter: {}, after: -1, isResumed: false, end: 1, size: 1 } as const
  const ended = async (how: ExportEnd): Promise<void> => void ends.push(how)
  const more = { note: '', keys: [], query: '{}', isAllowed: () => true, gone: leaving.signal, ended }
  const { body } = exports.start({ ...request, ...more })
  leaving.abort()
  await closed(body)
  expect([ends, exports.count]).toEqual([[], 0])
})

test('an account has as many exports as it may have, whatever another one has', () => {
  const { trail } = standingTrail(1)
  const { exports } = open(trail)
  expect(exports.isFull(place.account)).toBe(false)
  const request = { place, format: 'csv', filter: {}, after: -1, isResumed: false, end: 1, size: 1 } as const
  const more = { note: '', keys: [], query: '{}', isAllowed: () => true, ended: () => Promise.resolve() }
  exports.start({ ...request, ...more, gone: new AbortController().signal })
  expect(exports.isFull(place.account)).toBe(true)
  expect(exports.isFull('f'.repeat(32))).toBe(false)
})

let house: TrailHouse
beforeAll(async () => {
  house = await openTrailHouse({ accounts: 1, rows })
  await new Promise<void>((resolve) => {
    const look = ({ covered }: Growth): void => void (covered >= rows && resolve())
    house.trail.listen(place, look)
    look(house.trail.growth(place))
  })
})
afterAll(() => house.remove())

/** What stands before evidence: the newest checkpoint and the key that signed it. */
async function head(): Promise<Pick<ExportRequest, 'note' | 'keys' | 'size'>> {
  const note = (await house.trail.ask(place, 'checkpoint', {})) ?? ''
  const { key, covered } = await house.trail.ask(place, 'state', {})
  return { note, keys: [key], size: covered }
}

test('thirty thousand events come whole, in order, a page at a time, each with its leaf', async () => {
  const { body, ends } = open(house.trail)
  let rest = ''
  let index = 0
  let longest = 0
  for await (const piece of body as AsyncIterable<Buffer>) {
    longest = Math.max(longest, piece.length)
    const lines = (rest + piece.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const row = entryOfJsonLine(line)
      if (row?.index !== index) throw new Error(`row ${index} is ${line.slice(0, 40)}`)
      if (index % 1_000 === 0 && toBase64(leafHash(row.entry)) !== row.leafHash) throw new Error(`leaf ${index}`)
      index += 1
    }
  }
  expect([index, rest]).toEqual([rows, ''])
  expect(longest).toBeLessThan(limits.exportPageBytes + 65_536)
  expect(ends).toEqual([{ how: 'complete', rows, lastIndex: rows - 1 }])
})

test('broken anywhere and gone on with, it is the same to the byte', async () => {
  const whole = await buffer(open(house.trail, { format: 'csv' }).body)
  const parts: Buffer[] = []
  for (let after = -1; after < rows - 1;) {
    const { body, leave } = open(house.trail, { format: 'csv', after, isResumed: after >= 0 })
    let had = Buffer.alloc(0)
    for await (const piece of body as AsyncIterable<Buffer>) {
      had = Buffer.concat([had, piece])
      if (had.length > 2_000_000) break
    }
    leave()
    // Cut within a row, as a connection would.
    const cut = after < rows - 5_000 ? had.subarray(0, had.length - 7) : had
    const kept = cut.subarray(0, cut.lastIndexOf('\n') + 1)
    parts.push(kept)
    after = Number(/(?:^|\n)(\d+),[^\n]*\n$/.exec(kept.toString())?.[1] ?? after)
  }
  expect(parts.length).toBeGreaterThan(2)
  expect(Buffer.concat(parts).equals(whole)).toBe(true)
})

test('evidence of many events streams, verifies, and is small beside what it proves', async () => {
  const { note, keys, size } = await head()
  const make = () => open(house.trail, { format: 'evidence', note, keys, size, end: size }).body
  const trust = () => keys.map(parseVerifierKey)
  const report = await verifyEvidence(make() as AsyncIterable<Uint8Array>, { trust })
  expect(report).toMatchObject({ entries: size, first: 0, last: size - 1, isGapless: true })
  const sparse = { format: 'evidence', note, keys, size, end: size, filter: { text: 'nobody' } } as const
  const none = await buffer(open(house.trail, sparse).body)
  expect(none.length).toBeLessThan(2_000)
  expect(await verifyEvidence([none], { trust })).toMatchObject({ entries: 0, checkpoint: { size } })
})
