/** Receipts traced step by step; each kind of lie fails at its own step. */
import { canonicalJson } from '@keywitness/cadf'
import { formatProof, parseProof, toHex, verifyReceipt, parseVerifierKey } from '@keywitness/tlog'
import { expect, test } from 'vitest'
import { sampleDay, sampleEvent } from '../../test/fixture/events.ts'
import { FixtureLog, newLogKey } from '../../test/fixture/log.ts'
import { type ReceiptQuestion, traceReceipt } from './receipt-steps.ts'

function logOf(count: number): FixtureLog {
  const log = new FixtureLog('test/log')
  const day = sampleDay(4)
  for (let i = 0; i < count; i++) log.append(sampleEvent(day.next().value, 1_700_000_000_000 + i, i))
  log.publish()
  return log
}

function question(log: FixtureLog, index: number, change: Partial<ReceiptQuestion> = {}): ReceiptQuestion {
  const event = canonicalJson(log.events[index])
  return { receipt: log.receipt(index), key: log.key.text, origin: 'test/log', index, event, ...change }
}

test('every entry of small logs is traced to the root, by the joins that the library makes', async () => {
  for (let count = 1; count <= 33; count++) {
    const log = logOf(count)
    for (let index = 0; index < count; index++) {
      const trace = await traceReceipt(question(log, index))
      const { checkpoint } = await verifyReceipt(log.receipt(index), [parseVerifierKey(log.key.text)])
      expect(trace.fault).toBeUndefined()
      expect(trace.root).toBe(toHex(checkpoint.root))
      expect(trace.climb?.at(-1) ?? { first: 0, last: 0 }).toMatchObject({ first: 0, last: count - 1 })
      for (const step of trace.climb ?? []) {
        expect(step.first).toBeLessThanOrEqual(index)
        expect(step.last).toBeGreaterThanOrEqual(index)
      }
    }
  }
})

test('an event that is not the one in the entry fails at the bytes', async () => {
  const log = logOf(9)
  expect((await traceReceipt(question(log, 3, { event: canonicalJson(log.events[4]) }))).fault).toBe('event')
})

test('an entry that was altered in the store fails at the root', async () => {
  const log = logOf(9)
  log.alterEntry(3, (event) => ({ ...event, severity: 'normal', message: 'nothing to see' }))
  const trace = await traceReceipt(question(log, 3))
  expect(trace.fault).toBe('path')
  expect(trace.climb).toHaveLength(4)
  expect(trace.root).not.toBe(trace.checkpoint?.root)
})

test('a receipt of another entry fails', async () => {
  const log = logOf(9)
  expect((await traceReceipt(question(log, 3, { receipt: log.receipt(4) }))).fault).toBe('entry')
})

test('a path with a hash too many, too few or changed fails at the root', async () => {
  const log = logOf(9)
  const { hashes, ...rest } = parseProof(log.receipt(3))
  const first = hashes[0] as Uint8Array
  for (const bent of [hashes.slice(1), [...hashes, first], [first.map((byte) => byte ^ 1), ...hashes.slice(1)]]) {
    const receipt = formatProof({ ...rest, hashes: bent })
    expect((await traceReceipt(question(log, 3, { receipt }))).fault).toBe('path')
  }
})

test('a signature of another key fails', async () => {
  const log = logOf(9)
  expect((await traceReceipt(question(log, 3, { key: newLogKey('test/log').text }))).fault).toBe('signature')
})

test('a receipt of another log fails', async () => {
  const log = logOf(9)
  expect((await traceReceipt(question(log, 3, { origin: 'test/other' }))).fault).toBe('origin')
})

test.each(['', 'hello', 'c2sp.org/tlog-proof@v1\nindex x\n\n'])('%j is no receipt', async (receipt) => {
  const log = logOf(2)
  expect(await traceReceipt(question(log, 1, { receipt }))).toEqual({ fault: 'form' })
})
