/** Logs of generated events, filled by the ingest process. */
import { join } from 'node:path'
import { entryFile } from '../harness/entry-file.ts'
import type { Bench } from '../harness/row.ts'
import type { IngestOrder, IngestReport } from './tracker-ingest.ts'

export interface LogPlace {
  readonly folder: string
  readonly keyFolder: string
  readonly origin: string
}

/** Entries that are durable together. */
export const batch = 100

const program = join(import.meta.dirname, 'tracker-ingest.ts')

/** Adds the first `count` generated events to the log at `place`, which is made when there is none. */
export async function fillLog(bench: Bench, place: LogPlace, count: number): Promise<IngestReport> {
  return await fillLogFrom(bench, place, entryFile(bench, bench.options.events), count)
}

/** Adds `count` entries of a file to the log at `place`. */
export async function fillLogFrom(
  { workshop }: Bench,
  { folder, keyFolder, origin }: LogPlace,
  entries: string,
  count: number,
): Promise<IngestReport> {
  const order: IngestOrder = { folder, keyFolder, origin, entries, count, batch }
  return await workshop.json<IngestReport>(process.execPath, [program, JSON.stringify(order)])
}

export function newLogPlace({ workshop }: Bench): LogPlace {
  const folder = workshop.newFolder('log')
  return { folder: join(folder, 'tracker'), keyFolder: join(folder, 'key'), origin: 'bench.example/log' }
}

/** The log of all the run's events: that of the ingest row's last round, or one filled now. */
export function filledLog(bench: Bench): Promise<LogPlace> {
  return bench.workshop.shared('log', async () => {
    const place = newLogPlace(bench)
    bench.say(`filling a log with ${bench.options.events} events`)
    await fillLog(bench, place, bench.options.events)
    return place
  })
}
