/** Audit events in PostgreSQL: the same entries, the same searchable fields, the same eight indexes as a tracker has. */
import type { ActivityEvent } from '@keywitness/cadf'
import type { Client } from 'pg'
import { entryBatches } from '../harness/entry-file.ts'
import type { Postgres } from './postgres.ts'

/** One index per index of the tracker's search tables; where those end in the entry's number, these end in the time. */
const schema = `
  DROP TABLE IF EXISTS events;
  CREATE TABLE events (
    entry bigint PRIMARY KEY,
    time timestamptz NOT NULL,
    id uuid NOT NULL,
    action text NOT NULL,
    outcome text NOT NULL,
    severity text NOT NULL,
    initiator text NOT NULL,
    target text NOT NULL,
    instance uuid,
    correlation uuid,
    key uuid,
    reason int NOT NULL,
    body jsonb NOT NULL
  );
  CREATE INDEX ON events (id);
  CREATE INDEX ON events (action, outcome, time);
  CREATE INDEX ON events (outcome, severity, time);
  CREATE INDEX ON events (initiator, time);
  CREATE INDEX ON events (target, time);
  CREATE INDEX ON events (instance, time);
  CREATE INDEX ON events (correlation);
  CREATE INDEX ON events (key, time);
`
const columns = 13

export interface PostgresIngest {
  readonly seconds: number
  /** Seconds until so many tenths of the entries were committed. */
  readonly tenths: readonly number[]
}

/** Empties the table and fills it over `connections` connections, each batch one durable commit. */
export async function fillPostgres(
  postgres: Postgres,
  order: { entries: string; count: number; batch: number; connections: number },
): Promise<PostgresIngest> {
  const { entries, count, batch, connections } = order
  const clients = await Promise.all(Array.from({ length: connections }, () => postgres.connect()))
  const [first] = clients as [Client]
  await first.query(schema)
  const batches = entryBatches(entries, batch, count)
  const statements = new Map<number, string>()
  const tenths: number[] = []
  let taken = 0
  let committed = 0
  const began = performance.now()
  const work = async (client: Client): Promise<void> => {
    for (let next = batches.next(); next.done !== true; next = batches.next()) {
      const some = next.value
      const values = some.flatMap((bytes) => rowOf(bytes, taken++))
      const text = statements.get(some.length) ?? insertOf(some.length)
      statements.set(some.length, text)
      await client.query({ name: `insert ${some.length}`, text, values })
      committed += some.length
      if (committed * 10 >= count * (tenths.length + 1)) tenths.push((performance.now() - began) / 1e3)
    }
  }
  await Promise.all(clients.map(work))
  const seconds = (performance.now() - began) / 1e3
  const { rows } = await first.query<{ events: string }>('SELECT count(*) AS events FROM events')
  if (Number(rows[0]?.events) !== count) throw new Error(`PostgreSQL holds ${rows[0]?.events} of ${count} events`)
  await Promise.all(clients.map((client) => client.end()))
  return { seconds, tenths }
}

/** What the planner needs for good plans; kept apart, as an operator's nightly job would be. */
export async function settlePostgres(postgres: Postgres): Promise<void> {
  const client = await postgres.connect()
  await client.query('VACUUM ANALYZE events')
  await client.query('CHECKPOINT')
  await client.end()
}

function insertOf(rows: number): string {
  const row = (at: number): string =>
    `(${Array.from({ length: columns }, (_, column) => `$${at * columns + column + 1}`).join(',')})`
  return `INSERT INTO events VALUES ${Array.from({ length: rows }, (_, at) => row(at)).join(',')}`
}

function rowOf(bytes: Uint8Array, entry: number): unknown[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
  const { event } = JSON.parse(text) as { event: ActivityEvent }
  const key = event.target.id.split(':')[9]
  return [
    entry,
    event.eventTime,
    event.id,
    event.action,
    event.outcome,
    event.severity,
    event.initiator.id,
    event.target.id,
    event.requestData['instanceID'],
    event.correlationId,
    key,
    event.reason.reasonCode,
    text,
  ]
}
