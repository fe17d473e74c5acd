/** Heads checked against what is remembered: growth is fine, everything else is an alarm with its name. */
import { describe, expect, test } from 'vitest'
import { directLog } from '../../test/fixture/direct-api.ts'
import { sampleDay, sampleEvent } from '../../test/fixture/events.ts'
import { FixtureLog, newLogKey } from '../../test/fixture/log.ts'
import { ApiError } from '../api/problem.ts'
import { type HeadAnswer, checkHead } from './check-head.ts'
import type { LogMemory } from './memory.ts'

const now = '2025-11-25T12:00:00.000Z'

function grow(log: FixtureLog, count: number, seed = 1): void {
  const day = sampleDay(seed)
  for (let i = 0; i < count; i++) log.append(sampleEvent(day.next().value, 1_700_000_000_000 + i, i + seed * 1000))
  log.publish()
}

function newLog(count: number): FixtureLog {
  const log = new FixtureLog('test/log')
  grow(log, count)
  return log
}

const check = (log: FixtureLog, memory?: LogMemory, askKey = true): Promise<HeadAnswer> =>
  checkHead(directLog(log), { origin: 'test/log', memory, now, askKey })

async function remembered(log: FixtureLog): Promise<LogMemory> {
  const answer = await check(log)
  if (answer.kind !== 'verified') throw new Error('not verified')
  return answer.memory
}

const alarmKind = (answer: HeadAnswer): string => (answer.kind === 'alarm' ? answer.alarm.kind : answer.kind)

test('the first head is remembered with the key it was signed by', async () => {
  const log = newLog(5)
  expect(await remembered(log)).toMatchObject({
    origin: 'test/log',
    key: log.key.text,
    keySeenAt: now,
    head: { size: 5, note: log.checkpoint, verifiedAt: now },
  })
})

test.each([1, 2, 3, 7, 8, 300])('a log that grows by %i is verified', async (by) => {
  const log = newLog(5)
  const memory = await remembered(log)
  grow(log, by, 2)
  const answer = await check(log, memory)
  expect(answer).toMatchObject({ kind: 'verified', memory: { head: { size: 5 + by }, keySeenAt: now } })
})

test('the same head again is verified without any proof', async () => {
  const log = newLog(5)
  const memory = await remembered(log)
  const api = { ...directLog(log), consistency: () => Promise.reject(new Error('asked')) }
  expect((await checkHead(api, { origin: 'test/log', memory, now, askKey: false })).kind).toBe('verified')
})

test('a log without a checkpoint is empty, until one was seen', async () => {
  const log = new FixtureLog('test/log')
  const empty = await check(log)
  expect(empty.kind).toBe('empty')
  const memory = await remembered(newLog(3))
  expect(alarmKind(await check(log, { ...memory, key: log.key.text }))).toBe('smaller')
})

test('a changed key that the remembered one vouched for is followed, however often it changed', async () => {
  const log = newLog(4)
  const memory = await remembered(log)
  const first = log.key.text
  log.changeKey()
  const second = log.key.text
  log.changeKey()
  grow(log, 3, 3)
  for (const askKey of [true, false]) {
    expect(await check(log, memory, askKey)).toMatchObject({
      kind: 'verified',
      memory: { key: log.key.text, keySeenAt: now, formerKeys: [first, second], head: { size: 9 } },
    })
  }
})

describe('a log that contradicts what was verified', () => {
  test('removed entries are told with both heads', async () => {
    const log = newLog(9)
    const memory = await remembered(log)
    const answer = await check(log.forged(log.events.slice(0, 6)), memory)
    expect(answer).toMatchObject({
      kind: 'alarm',
      alarm: { kind: 'smaller', known: { size: 9, note: log.checkpoint }, seen: { size: 6 } },
    })
  })

  test('another history of the same size is told', async () => {
    const log = newLog(9)
    const other = log.forged(log.events.toReversed())
    expect(alarmKind(await check(other, await remembered(log)))).toBe('inconsistent')
  })

  test('a longer history that changed an old entry is told', async () => {
    const log = newLog(9)
    const forged = log.forged([...log.events.slice(0, 4), ...log.events.slice(5), ...log.events.slice(0, 5)])
    expect(forged.size).toBeGreaterThan(log.size)
    expect(alarmKind(await check(forged, await remembered(log)))).toBe('inconsistent')
  })

  test('a changed key is told, also when it is met by its signature only', async () => {
    const log = newLog(4)
    const memory = await remembered(log)
    log.key = newLogKey('test/log')
    grow(log, 1, 3)
    expect(alarmKind(await check(log, memory, true))).toBe('key-changed')
    expect(alarmKind(await check(log, memory, false))).toBe('key-changed')
  })

  test('a changed key that another one vouched for is told', async () => {
    const log = newLog(4)
    const memory = await remembered(log)
    log.changeKey(newLogKey('test/log').signer)
    grow(log, 1, 3)
    expect(alarmKind(await check(log, memory, true))).toBe('key-changed')
    expect(alarmKind(await check(log, memory, false))).toBe('key-changed')
  })

  test('a changed key of a server that lists no keys is told', async () => {
    const log = newLog(4)
    const memory = await remembered(log)
    log.changeKey()
    const none = new ApiError({ status: 404, code: 'NOT_FOUND', message: 'none' })
    const api = { ...directLog(log), keys: () => Promise.reject(none) }
    const answer = await checkHead(api, { origin: 'test/log', memory, now, askKey: true })
    expect(alarmKind(answer)).toBe('key-changed')
  })

  test('a changed key of a rewritten log is told, whatever it vouches for', async () => {
    const log = newLog(9)
    const memory = await remembered(log)
    const other = log.forged(log.events.toReversed())
    other.changeKey()
    grow(other, 1, 3)
    expect(alarmKind(await check(other, memory))).toBe('key-changed')
  })

  test('a checkpoint that the key did not sign is told', async () => {
    const log = newLog(4)
    const memory = await remembered(log)
    const other = newLog(6)
    const api = { ...directLog(log), checkpoint: () => Promise.resolve(other.checkpoint) }
    const answer = await checkHead(api, { origin: 'test/log', memory, now, askKey: true })
    expect(alarmKind(answer)).toBe('bad-signature')
  })

  test('another log in place of the known one is told', async () => {
    const log = newLog(4)
    const memory = await remembered(log)
    const answer = await checkHead(directLog(log), { origin: 'test/other', memory, now, askKey: false })
    expect(answer).toMatchObject({ alarm: { kind: 'other-origin', seen: { origin: 'test/other' } } })
  })
})

test('what cannot be fetched is an error and no alarm', async () => {
  const log = newLog(4)
  const memory = await remembered(log)
  grow(log, 2, 2)
  const down = new ApiError({ status: 503, code: 'DOWN', message: 'down' })
  const api = { ...directLog(log), consistency: () => Promise.reject(down) }
  await expect(checkHead(api, { origin: 'test/log', memory, now, askKey: false })).rejects.toBe(down)
})
