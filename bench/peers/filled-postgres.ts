/** PostgreSQL with as many events as the run asks for, filled once for all rows that ask it. */
import { entryFile } from '../harness/entry-file.ts'
import type { Bench } from '../harness/row.ts'
import { batch } from '../load/filled-log.ts'
import { Postgres } from './postgres.ts'
import { fillPostgres, settlePostgres } from './postgres-events.ts'

export async function filledPostgres(bench: Bench): Promise<Postgres> {
  const { workshop, options } = bench
  const postgres = await workshop.shared('postgres', () => Postgres.start(workshop))
  await workshop.shared('postgres is filled', async () => {
    bench.say(`filling PostgreSQL with ${options.events} events`)
    await fillPostgres(postgres, {
      entries: entryFile(bench, options.events),
      count: options.events,
      batch,
      connections: 4,
    })
    return true
  })
  await settlePostgres(postgres)
  return postgres
}
