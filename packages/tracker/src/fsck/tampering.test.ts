/** Whatever is done to the bytes of a store is found and named. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { Finding, FsckReport } from '../check-api.ts'
import { leafHashInto } from '../hash.ts'
import { deliveries } from '../testing/sample-entries.ts'
import { followAll, sealAll, type TestLog, testLog } from '../testing/test-log.ts'

/** Entries 0 to 399 sealed in four segments, up to 640 in the head, covered up to 620. */
function soundLog(): TestLog {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 100 })
  for (let sequence = 1; sequence <= 351; sequence += 50) tracker.append(deliveries(sequence, sequence + 49))
  tracker.publish()
  sealAll(tracker, log.folder)
  tracker.append(deliveries(401, 620))
  tracker.publish()
  tracker.append(deliveries(621, 640))
  followAll(tracker)
  tracker.close()
  return log
}

test('a sound log is good', async () => {
  expect(await soundLog().check()).toMatchObject({ good: true, size: 640, covered: 620, findings: [], notes: [] })
})

/** The store of a sound log is changed by `change` and checked. */
async function tampered(change: (head: DatabaseSync, log: TestLog) => void): Promise<FsckReport> {
  const log = soundLog()
  const head = new DatabaseSync(join(log.folder, 'head.db'))
  change(head, log)
  head.close()
  const report = await log.check()
  expect(report.good).toBe(false)
  return report
}

interface Row {
  readonly first: number
  readonly count: number
  readonly leaves: Uint8Array
  readonly bundle: Uint8Array
}

function rowOf(head: DatabaseSync, index: number): Row {
  return head.prepare('SELECT * FROM entries WHERE first<=? ORDER BY first DESC LIMIT 1').get(index) as unknown as Row
}

/** Where the bytes of an entry lie in its row's bundle. */
function placeOf(row: Row, index: number): { at: number; length: number } {
  let at = 0
  for (let entry = row.first; ; entry++) {
    const length = row.bundle[at]! * 256 + row.bundle[at + 1]!
    if (entry === index) return { at: at + 2, length }
    at += 2 + length
  }
}

function putBundle(head: DatabaseSync, { first, bundle }: Pick<Row, 'first' | 'bundle'>): void {
  head.prepare('UPDATE entries SET bundle=? WHERE first=?').run(bundle, first)
}

function flipByte(head: DatabaseSync, index: number): void {
  const row = rowOf(head, index)
  const { at, length } = placeOf(row, index)
  row.bundle[at + Math.floor(length / 2)]! ^= 0x01
  putBundle(head, row)
}

function kinds(report: FsckReport): [Finding['kind'], number | undefined][] {
  return report.findings.map(({ kind, index }) => [kind, index])
}

test.each([401, 512, 599, 619])('one changed byte of entry %i in the head is found and named', async (index) => {
  expect(kinds(await tampered((head) => flipByte(head, index)))).toEqual([['changed-entry', index]])
})

test('a changed byte of an entry that no checkpoint covers is named too', async () => {
  const report = await tampered((head) => flipByte(head, 633))
  expect(kinds(report)).toEqual([['changed-entry', 633]])
  expect(report.findings[0]?.message).toContain('no checkpoint covers it')
})

test('several changed entries are all named', async () => {
  const report = await tampered((head) => [402, 470, 600].forEach((index) => flipByte(head, index)))
  expect(kinds(report)).toEqual([402, 470, 600].map((index) => ['changed-entry', index]))
})

test('two entries in each other’s place are found as a pair, in one row and across rows', async () => {
  for (const [a, b] of [
    [402, 404],
    [405, 590],
  ] as const) {
    const report = await tampered((head) => swapEntries(head, a, b))
    expect(report.findings).toMatchObject([{ kind: 'swapped-entries', index: a, other: b }])
  }
})

function swapEntries(head: DatabaseSync, a: number, b: number): void {
  const entriesOf = (row: Row): Uint8Array[] =>
    Array.from({ length: row.count }, (_, place) => {
      const { at, length } = placeOf(row, row.first + place)
      return row.bundle.slice(at, at + length)
    })
  const [rowA, rowB] = [rowOf(head, a), rowOf(head, b)]
  const entriesA = entriesOf(rowA)
  const entriesB = rowA.first === rowB.first ? entriesA : entriesOf(rowB)
  const [left, right] = [entriesA[a - rowA.first]!, entriesB[b - rowB.first]!]
  entriesA[a - rowA.first] = right
  entriesB[b - rowB.first] = left
  const bundleOf = (entries: Uint8Array[]): Uint8Array =>
    Buffer.concat(entries.flatMap((bytes) => [Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]))
  putBundle(head, { first: rowA.first, bundle: bundleOf(entriesA) })
  putBundle(head, { first: rowB.first, bundle: bundleOf(entriesB) })
}

test('a pair swapped together with its leaf hashes is still found by the signed root', async () => {
  // Entries 600 and 610 are in the open tile: nothing but the signed root tells them apart.
  const report = await tampered((head) => {
    swapEntries(head, 600, 610)
    const [rowA, rowB] = [rowOf(head, 600), rowOf(head, 610)]
    for (const [row, index] of [
      [rowA, 600],
      [rowB, 610],
    ] as const) {
      const { at, length } = placeOf(row, index)
      const fresh = rowOf(head, index)
      leafHashInto(row.bundle.subarray(at, at + length), fresh.leaves, (index - row.first) * 32)
      head.prepare('UPDATE entries SET leaves=? WHERE first=?').run(fresh.leaves, row.first)
    }
  })
  expect(report.findings).toMatchObject([
    { kind: 'swapped-entries', index: 600, other: 610 },
    { kind: 'bad-checkpoint', index: 620 },
    { kind: 'signed-head', index: 620 },
  ])
})

test('removed entries in the middle are named', async () => {
  const report = await tampered((head) => head.prepare('DELETE FROM entries WHERE first=?').run(rowOf(head, 450).first))
  expect(report.findings[0]).toMatchObject({ kind: 'missing-entry' })
  expect(report.root).toBeUndefined()
})

test('the newest entries removed are found against the signed head, or by tiles when nothing signed covers them', async () => {
  const report = await tampered((head) => head.exec('DELETE FROM entries WHERE first+count > 610'))
  expect(report.findings.filter(({ kind }) => kind === 'missing-entry').length).toBeGreaterThan(0)
  expect(report.findings.some(({ message }) => message.includes('the newest entries were removed'))).toBe(true)

  const log = testLog()
  const tracker = log.open()
  tracker.append(deliveries(1, 300))
  tracker.close()
  const head = new DatabaseSync(join(log.folder, 'head.db'))
  head.exec('DELETE FROM entries WHERE first >= 200')
  head.close()
  expect(kinds(await log.check())[0]).toEqual(['missing-entry', expect.any(Number)])
})

test('the newest entries removed with their checkpoint and tiles are found against the head outside the store', async () => {
  const report = await tampered((head) => {
    const { first } = rowOf(head, 615)
    head.exec(`DELETE FROM entries WHERE first >= ${first}; DELETE FROM checkpoints WHERE size > 400`)
    head.exec(`UPDATE producers SET sequence=${first}`)
  })
  expect(report.findings).toMatchObject([
    { kind: 'missing-entry', message: expect.stringContaining('size 620 was signed') },
    { kind: 'bad-search', message: expect.stringContaining('followed 640 entries') },
  ])
})

test('a wrong stored leaf hash is told from wrong bytes', async () => {
  const inRow = await tampered((head) => {
    const row = rowOf(head, 605)
    row.leaves[(605 - row.first) * 32]! ^= 1
    head.prepare('UPDATE entries SET leaves=? WHERE first=?').run(row.leaves, row.first)
  })
  expect(kinds(inRow)).toEqual([['wrong-leaf', 605]])

  const inTile = await tampered((head) => {
    const { hashes } = head.prepare('SELECT hashes FROM tiles WHERE level=0 AND n=1').get() as { hashes: Uint8Array }
    hashes[5 * 32]! ^= 1
    head.prepare('UPDATE tiles SET hashes=? WHERE level=0 AND n=1').run(hashes)
  })
  expect(kinds(inTile)).toContainEqual(['wrong-leaf', 256 + 5])
  expect(kinds(inTile)).toContainEqual(['bad-tile', 256])
})

test('a wrong tile root and a missing tile are named', async () => {
  const wrong = await tampered((head) => head.exec('UPDATE tiles SET root=zeroblob(32) WHERE n=0'))
  expect(kinds(wrong)).toEqual([['bad-tile', 0]])
  const missing = await tampered((head) => head.exec('DELETE FROM tiles WHERE n=1'))
  expect(kinds(missing)).toContainEqual(['missing-tile', 256])
})

test('a changed byte of a segment file is found, and the block of entries it hit is named', async () => {
  const report = await tampered((_head, log) => {
    const file = join(log.folder, 'segments', '000000000100-000000000200.db')
    const db = new DatabaseSync(file)
    const block = db.prepare('SELECT first, packed FROM blocks ORDER BY first LIMIT 1 OFFSET 1').get() as unknown as {
      first: number
      packed: Uint8Array
    }
    block.packed[Math.floor(block.packed.length / 2)]! ^= 0x10
    db.prepare('UPDATE blocks SET packed=? WHERE first=?').run(block.packed, block.first)
    db.close()
  })
  expect(report.findings[0]).toMatchObject({ kind: 'bad-segment', file: '000000000100-000000000200.db', index: 100 })
  const named = report.findings.slice(1).map(({ index }) => index ?? -1)
  expect(named.length).toBeGreaterThan(0)
  for (const index of named) expect(index >= 100 && index < 200).toBe(true)
})

test('search tables of a segment that were changed are noticed although no entry is wrong', async () => {
  const report = await tampered((_head, log) => {
    const db = new DatabaseSync(join(log.folder, 'segments', '000000000000-000000000100.db'))
    db.exec('UPDATE event SET initiator=0 WHERE entry=5')
    db.close()
  })
  expect(kinds(report)).toEqual([
    ['bad-segment', 0],
    ['bad-search', 0],
  ])
  expect(report.findings[1]?.message).toContain('the row of entry 5 is not what the entry says')
  expect(report.root).toBeDefined()
})

test('a missing segment file is named, and so are its entries', async () => {
  const report = await tampered((_head, log) => rmSync(join(log.folder, 'segments', '000000000100-000000000200.db')))
  expect(report.findings[0]).toMatchObject({ kind: 'bad-segment', index: 100 })
})

test('a checkpoint that does not verify, or is of another tree, is named', async () => {
  const broken = await tampered((head) =>
    head.exec("UPDATE checkpoints SET note=replace(note, '400', '399') WHERE size=400"),
  )
  expect(kinds(broken)).toEqual([['bad-checkpoint', 400]])
  const garbage = await tampered((head) => head.exec("UPDATE checkpoints SET note='garbage' WHERE size=400"))
  expect(kinds(garbage)).toEqual([['bad-checkpoint', 400]])
})

test('a signed head that is no checkpoint, or of another tree, is named', async () => {
  const broken = await tampered((_head, log) => writeFileSync(join(log.keyFolder, 'signed-head'), 'garbage'))
  expect(broken.findings[0]).toMatchObject({ kind: 'signed-head' })

  const log = soundLog()
  const other = testLog()
  cpSync(log.keyFolder, other.keyFolder, { recursive: true })
  rmSync(join(other.keyFolder, 'signed-head'))
  const tracker = other.open()
  tracker.append(deliveries(1, 500, { name: 'another' }))
  tracker.publish()
  writeFileSync(join(log.keyFolder, 'signed-head'), readFileSync(join(other.keyFolder, 'signed-head')))
  expect(kinds(await log.check())).toContainEqual(['signed-head', 500])
})

test('producers’ last numbers and anomalies that are not the entries’ are named', async () => {
  const moved = await tampered((head) => head.exec('UPDATE producers SET sequence=sequence+1'))
  expect(moved.findings).toMatchObject([{ kind: 'bad-producer' }])
  const invented = await tampered((head) =>
    head.exec(
      "INSERT INTO anomalies (kind, producer, epoch, first, last, entry, received) VALUES ('missing', 'x', 1, 1, 2, 3, 4)",
    ),
  )
  expect(invented.findings).toMatchObject([{ kind: 'bad-producer' }])
})

test('an entry put in beyond what its row says is found', async () => {
  const report = await tampered((head) => {
    const row = rowOf(head, 500)
    putBundle(head, { first: row.first, bundle: Buffer.concat([row.bundle, Buffer.from([0, 1, 65])]) })
  })
  expect(report.findings).toMatchObject([{ kind: 'extra-entry' }])
})

test('a length that was changed is named with its entry', async () => {
  const report = await tampered((head) => {
    const row = rowOf(head, 480)
    const { at } = placeOf(row, 480)
    row.bundle[at - 2]! ^= 0x80
    putBundle(head, row)
  })
  expect(report.findings[0]).toMatchObject({ kind: 'changed-entry', index: 480 })
})

test.each([1, 2, 5, 9, 14, 20])('a database damaged from page %i on is reported, not thrown', async (page) => {
  const log = soundLog()
  const file = join(log.folder, 'head.db')
  const content = readFileSync(file)
  content.fill(0xa5, 16_384 * page, 16_384 * (page + 2))
  writeFileSync(file, content)
  const report = await log.check()
  expect(report.good).toBe(false)
  expect(report.findings.some(({ kind }) => kind === 'bad-store')).toBe(true)
})

test('the check looks at a store while its writer goes on, and says how far it is', async () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 1_000 })
  tracker.append(deliveries(1, 9_000))
  tracker.publish()
  const seen: number[] = []
  const { fsck } = await import('./fsck.ts')
  const checking = fsck({
    folder: log.folder,
    keyFolder: log.keyFolder,
    progress: (done, total) => {
      seen.push(done)
      tracker.append(deliveries(tracker.size + 1, tracker.size + 100))
      tracker.publish()
      sealAll(tracker, log.folder)
      expect(total).toBe(9_000)
    },
  })
  expect(await checking).toMatchObject({ good: true, size: 9_000 })
  expect(seen).toEqual([4_096, 8_192, 9_000])
})
