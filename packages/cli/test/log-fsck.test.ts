/** `log fsck`: a store's own files, as they lie in a data folder. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { entryBytes } from '@keywitness/cadf'
import { buildSegment, openTracker } from '@keywitness/tracker'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Terminal, terminalAt } from './in-process.ts'
import { eventNumber } from './witnessed-log.ts'

const producer = { id: '2b1c9a54-7a5f-4d0e-8a39-0c6d5a9f1e22', epoch: 1 }

let data: string
let terminal: Terminal

/** A tracker of 60 events, 40 of them sealed, where a server would keep it. */
function makeTracker(account: string, location: string): { folder: string; keyFolder: string; key: string } {
  const folder = join(data, 'trackers', account, location)
  const keyFolder = join(data, 'checkpoints', account, location)
  const clock = { now: () => Date.UTC(2026, 10, 25, 21) }
  const origin = `keywitness/${location}/${account}`
  const tracker = openTracker({ folder, keyFolder, origin, clock, create: true, segmentEvents: 40 })
  tracker.append(
    Array.from({ length: 60 }, (_, i) => ({
      producer: producer.id,
      epoch: 1,
      sequence: i + 1,
      bytes: entryBytes(eventNumber(i), producer, i + 1),
      received: clock.now(),
    })),
  )
  tracker.publish()
  tracker.adopt(buildSegment({ folder }, tracker.sealable()!))
  while (tracker.follow(100) > 0);
  const { key } = tracker
  tracker.close()
  return { folder, keyFolder, key }
}

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'keywitness-fsck-'))
  terminal = terminalAt(undefined)
})
afterEach(() => rmSync(data, { recursive: true, force: true }))

test('every tracker of a data folder is checked, with its keys', async () => {
  makeTracker('a1', 'us-south')
  makeTracker('a2', 'eu-de')
  const { exitCode, out, err } = await terminal.keywitness(['log', 'fsck', data])
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' })
  expect(out.match(/^✓ keywitness\/\S+: 60 entries, 60 covered, 1 segments, 1 checkpoints$/gm)).toHaveLength(2)
  expect(out).not.toContain('note:')
  const json = JSON.parse((await terminal.keywitness(['log', 'fsck', data, '--json'])).out) as {
    good: boolean
    trackers: unknown[]
  }
  expect([json.good, json.trackers.length]).toEqual([true, 2])
})

test('a changed byte is named, with exit code 1', async () => {
  const { folder } = makeTracker('a1', 'us-south')
  const [segment = ''] = readdirSync(join(folder, 'segments'))
  const file = join(folder, 'segments', segment)
  const bytes = readFileSync(file)
  bytes[Math.floor(bytes.length / 2)]! ^= 1
  writeFileSync(file, bytes)
  const { exitCode, out, err } = await terminal.keywitness(['log', 'fsck', data])
  expect(exitCode).toBe(1)
  expect(out).toContain(`  bad-segment: segment ${segment} is not the file that was sealed`)
  expect(err).toMatch(/^FAILED: the store .* is not sound; keep it as it is/)
})

test('a copy of one tracker is checked with the key one trusts, or with its keys where they are', async () => {
  const { folder, keyFolder, key } = makeTracker('a1', 'us-south')
  const copy = join(data, 'copy')
  cpSync(folder, copy, { recursive: true })
  expect(await terminal.keywitness(['log', 'fsck', copy, '--key', key])).toMatchObject({ exitCode: 0 })
  expect(await terminal.keywitness(['log', 'fsck', copy, '--key-folder', keyFolder])).toMatchObject({ exitCode: 0 })
  const { out } = await terminal.keywitness(['log', 'fsck', copy, '--no-search'])
  expect(out).toContain('note: no verifier key was given')
  const other = makeTracker('a2', 'eu-de')
  expect(await terminal.keywitness(['log', 'fsck', copy, '--key', other.key])).toMatchObject({ exitCode: 1 })
})

test('what is no store is said so', async () => {
  mkdirSync(join(data, 'empty'))
  for (const words of [
    [join(data, 'empty')],
    [join(data, 'nowhere')],
    [data, '--key-folder', join(data, 'nowhere')],
    [data, '--key', 'no key'],
  ]) {
    expect(await terminal.keywitness(['log', 'fsck', ...words]), words.join(' ')).toMatchObject({
      exitCode: 2,
      out: '',
    })
  }
})
