/** Rows proven from what they show: as they stand they hold, with one letter changed they do not. */
import { toBase64 } from '@keywitness/tlog'
import { expect, test } from 'vitest'
import { directLog, listed } from '../../test/fixture/direct-api.ts'
import { sampleDay, sampleEvent } from '../../test/fixture/events.ts'
import { FixtureLog } from '../../test/fixture/log.ts'
import { parseCheckpoint, parseNote } from '@keywitness/tlog'
import type { TreeHead } from './is-continued.ts'
import { type ShownRow, chooseRows, provableRows, proveRows, rowsMax } from './prove-rows.ts'

function scene(count: number): { log: FixtureLog; head: TreeHead; rows: ShownRow[] } {
  const log = new FixtureLog('test/log')
  const day = sampleDay(9)
  for (let i = 0; i < count; i++) log.append(sampleEvent(day.next().value, 1_700_000_000_000 + i, i))
  log.publish()
  const { size, root } = parseCheckpoint(parseNote(log.checkpoint).text)
  const rows = provableRows(log.entries.map((_, index) => listed(log, index)))
  return { log, head: { size, root: toBase64(root) }, rows }
}

test.each([1, 2, 3, 255, 256, 257, 700])('every row of a log of %i is proven', async (count) => {
  const { log, head, rows } = scene(count)
  for (let from = 0; from < count; from += rowsMax) {
    const some = rows.slice(from, from + rowsMax)
    const { proven, fault } = await proveRows(directLog(log), head, some)
    expect(fault).toBeUndefined()
    expect(proven.toSorted((a, b) => a - b)).toEqual(some.map((row) => row.index))
  }
})

test('a row that shows something else than its entry is found and named', async () => {
  const { log, head, rows } = scene(40)
  const changed = rows.map((row) =>
    row.index === 17 ? { ...row, event: { ...row.event, message: `${row.event.message}.` } } : row,
  )
  expect(await proveRows(directLog(log), head, changed)).toMatchObject({ fault: 17 })
})

test('a row at another place, of another producer or with another number is found', async () => {
  const { log, head, rows } = scene(40)
  const row = rows[20] as ShownRow
  for (const bent of [
    { ...row, index: 21 },
    { ...row, sequence: 21 },
    { ...row, producer: row.producer.replace('0', '1') },
    { ...row, producer: 'nobody' },
  ]) {
    expect(await proveRows(directLog(log), head, [bent])).toEqual({ proven: [], fault: bent.index })
  }
})

test('a tile of another length proves nothing, neither way', async () => {
  const { log, head, rows } = scene(40)
  const api = { tile: () => Promise.resolve(new Uint8Array(32)) }
  await expect(proveRows(api, head, rows)).rejects.toThrow(RangeError)
  expect(log.size).toBe(40)
})

test('tiles that lie are found by the root', async () => {
  const { log, head, rows } = scene(40)
  const api = {
    tile: (level: number, n: number, width: number) =>
      Promise.resolve(log.tile(level, n, width).map((byte) => byte ^ 1)),
  }
  expect((await proveRows(api, head, rows.slice(0, 1))).fault).toBe(0)
})

test('a round takes the newest rows below the head, and only so many', () => {
  const rows = Array.from({ length: 1000 }, (_, index) => ({ index }))
  const chosen = chooseRows(rows, 900)
  expect(chosen).toHaveLength(rowsMax)
  expect(chosen[0]?.index).toBe(899)
})

test('rows that do not tell what their entry is made of are not judged', () => {
  const { log } = scene(1)
  const { index, event, leafHash } = listed(log, 0)
  expect(provableRows([{ index, event, leafHash }])).toEqual([])
})
