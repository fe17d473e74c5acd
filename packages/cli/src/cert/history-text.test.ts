/** The history of administrators' commands on a terminal. */
import type { ActivityEvent } from '@keywitness/cadf'
import { historyOf } from '@keywitness/cadf/transcripts'
import { ana, began, done, first, second, stranger } from '@keywitness/cadf/transcripts/testing/command-events'
import { expect, test } from 'vitest'
import { historyText } from './history-text.ts'

const created = done('admin-key.create', 0, first)
const set = done('cert.set', 10, first)
const updated = done('admin-key.update', 20, first, { next: second })

test('the text says how much is proved, and puts no key that was never in force among those that were', async () => {
  const io = { out: { isTerminal: true, columns: 80 }, environment: { NO_COLOR: '1' }, now: () => began } as never
  const other: ActivityEvent = { ...done('cert.set', 12, stranger), outcome: 'failure' }
  const text = historyText(
    io,
    await historyOf([created, set, other, updated].map((event, index) => ({ index, event }))),
  )
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
  expect(text).toContain('4 commands: 3 proved, 0 not proved, 1 refused\n')
  expect(text).toContain('      mutual TLS went ON\n')
  expect(text.match(/^ {2}key [0-9a-f]{64}$/gm)).toEqual([`  key ${first.id}`])
  expect(text).toContain(
    `\n  with no key of theirs that was in force\n    – 2026-11-25 20:00:12  set certificate clients`,
  )
  expect(text).toContain(`\nIn force at the end\n  mutual TLS: on\n  Ana (${ana})\n    key ${second.id}\n`)
  expect(text).toContain('    certificate clients, ends 2027-11-25 20:00:00\n')
})
