/** Row: durable record in batches of a hundred, beside a C program that writes the same bytes and syncs. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { syncedWrites } from '../harness/calibration.ts'
import { entryBatches, entryFile } from '../harness/entry-file.ts'
import { interleaved } from '../harness/rounds.ts'
import type { Bench, Row, RowReport } from '../harness/row.ts'
import type { RecordOrder, RecordReport } from '../load/record.ts'

const batch = 100
const program = join(import.meta.dirname, '../load/record.ts')

export const record: Row = {
  name: 'record',
  title: `Durable record in process, batches of ${batch} events`,
  run: measure,
}

async function measure(bench: Bench): Promise<RowReport> {
  const { workshop, options } = bench
  const entries = entryFile(bench, 10_000)
  const bytes = join(workshop.folder, 'batch-bytes')
  const [group = []] = entryBatches(entries, batch, batch)
  writeFileSync(bytes, Buffer.concat(group))
  let batchBytes = 0
  const rounds = await interleaved(
    bench,
    {
      committer: async () => {
        const order: RecordOrder = { folder: workshop.newFolder('record'), entries, batch, ...options }
        const report = await workshop.json<RecordReport>(process.execPath, [program, JSON.stringify(order)])
        ;({ batchBytes } = report)
        return report.events / report.seconds
      },
      'C, file grown beforehand': async () =>
        batch * (await syncedWrites(workshop, bytes, options.seconds, 'preallocated')),
      'C, growing file': async () => batch * (await syncedWrites(workshop, bytes, options.seconds, 'growing')),
    },
    { leansOn: ['sync'] },
  )
  const what = 'record of an event, group of 100'
  return {
    figures: [
      rounds.figure('committer', 'C, file grown beforehand', {
        what,
        beside: 'C: same bytes, fdatasync, file grown beforehand',
        must: 0.4,
        goal: 0.7,
      }),
      rounds.figure('committer', 'C, growing file', { what, beside: 'C: same bytes, fdatasync, growing file' }),
    ],
    absolute: [`bytes of a batch: ${batchBytes} recorded, ${Buffer.concat(group).length} written by C`],
    checks: ['every call of a group is answered after the COMMIT of its group and the sync after it'],
    skipped: [],
    raw: rounds.values,
  }
}
