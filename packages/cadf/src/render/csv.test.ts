/** Rows of comma-separated values: whole for a program, harmless for a spreadsheet, one line each. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyFacts, call, stamp } from '../../test/facts.ts'
import { buildEvent } from '../build.ts'
import { csvCell, csvColumns, csvHeader, csvRow } from './csv.ts'
import { entryOfJsonLine, jsonLine } from './json-line.ts'

const place = { index: 41, leafHash: `${'A'.repeat(43)}=`, origin: 'keywitness/us-south/0' }

/** A reader of RFC 4180, written apart from the writer. */
function cellsOf(row: string): string[] {
  const cells: string[] = []
  for (let at = 0; at <= row.length; at++) {
    if (row[at] === '"') {
      let cell = ''
      for (at += 1; ; at++) {
        if (row[at] === '"' && row[at + 1] !== '"') break
        if (row[at] === '"') at += 1
        if (at >= row.length) throw new Error('a quote that does not end')
        cell += row[at]
      }
      at += 1
      cells.push(cell)
      if (at < row.length && row[at] !== ',') throw new Error(`text after a quote: ${row.slice(at)}`)
      continue
    }
    const comma = row.indexOf(',', at)
    const end = comma === -1 ? row.length : comma
    const cell = row.slice(at, end)
    if (cell.includes('"')) throw new Error('a quote within a bare cell')
    cells.push(cell)
    at = end
  }
  return cells
}

test('the columns are those of the contract, in their order', () => {
  expect(csvHeader).toBe(
    'index,leafHash,eventTime,id,action,outcome,severity,message,dataEvent,correlationId,initiator.id,initiator.name,' +
      'initiator.typeURI,initiator.authnId,initiator.authnName,initiator.credential.type,initiator.host.address,' +
      'initiator.host.addressType,initiator.host.agent,target.id,target.name,target.typeURI,target.resourceGroupId,' +
      'target.host.address,reason.reasonCode,reason.reasonType,reason.reasonForFailure,requestData,responseData,' +
      'logSourceCRN,producer,sequence',
  )
})

test('a row holds what the event holds', () => {
  const event = buildEvent(call('hs-crypto.secrets.create', { response: { keyState: 1 } }), stamp)
  const cells = cellsOf(csvRow({ event, producer: 'p.1', sequence: 7 }, place))
  const row = Object.fromEntries(csvColumns.map(({ name }, i) => [name, cells[i]]))
  expect(row).toMatchObject({
    index: '41',
    leafHash: place.leafHash,
    action: 'hs-crypto.secrets.create',
    'initiator.name': 'Ana',
    'reason.reasonCode': '200',
    responseData: '{"keyState":1}',
    producer: 'p.1',
    sequence: '7',
    'target.resourceGroupId': '',
  })
})

test.each([
  ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
  ['+1+1', `"'+1+1"`],
  ['-2+3', `"'-2+3"`],
  ['@SUM(A1)', `"'@SUM(A1)"`],
  ['\t=1', `"'\\u0009=1"`],
  ['\r=1', `"'\\u000d=1"`],
  ['\n=1', `"'\\u000a=1"`],
  ['＝1', `"'＝1"`],
  ['a;=1', '"a;=1"'],
  ['a,b', '"a,b"'],
  ['two\r\nlines', '"two\\u000d\\u000alines"'],
  ['\u001b]0;title\u0007', '"\\u001b]0;title\\u0007"'],
  ['abc\u202ecba', '"abc\\u202ecba"'],
  ['plain words', 'plain words'],
  ['', ''],
])('the cell %j is written %s', (value, cell) => {
  expect(csvCell(value)).toBe(cell)
})

test('whatever an event holds, its row is one line of all columns, and no cell is a formula', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('=1', '+1', '-1', '@a', '\t', '\r', '\n', '"', '","', '"\r\n=cmd|x!A0,"'),
  )
  fc.assert(
    fc.property(hostile, hostile, hostile, (name, agent, data) => {
      const event = { initiator: { name, host: { agent } }, message: data, requestData: { [data]: agent } }
      const row = csvRow({ event }, place)
      expect(row).not.toMatch(/[\r\n\u2028\u2029]/)
      const cells = cellsOf(row)
      expect(cells.length).toBe(csvColumns.length)
      for (const cell of cells) expect(cell).not.toMatch(/^[=+\-@\t\r\n]/)
    }),
  )
})

test('any event that can be built makes a row', () => {
  fc.assert(
    fc.property(anyFacts(), (facts) => {
      expect(cellsOf(csvRow({ event: buildEvent(facts, stamp) }, place)).length).toBe(csvColumns.length)
    }),
  )
})

test('a line of JSON gives back the exact bytes of its entry', () => {
  const bytes = new TextEncoder().encode('{"event":{"message":"ä \\u001b"},"format":"f","producer":"p.1","sequence":7}')
  const line = new TextDecoder().decode(jsonLine(bytes, place))
  expect(JSON.parse(line)).toMatchObject({ index: 41, leafHash: place.leafHash, producer: 'p.1' })
  expect(entryOfJsonLine(line)).toEqual({ index: 41, leafHash: place.leafHash, entry: bytes })
  expect(entryOfJsonLine('{"index":1}')).toBeUndefined()
  for (const other of ['[1]', '{"in":\n"lines"}', '', '{}', 'not JSON']) {
    const entry = new TextEncoder().encode(other)
    const text = new TextDecoder().decode(jsonLine(entry, place))
    expect(text).not.toContain('\n')
    expect(JSON.parse(text)).toMatchObject({ index: 41 })
    expect(entryOfJsonLine(text)?.entry).toEqual(entry)
  }
})
