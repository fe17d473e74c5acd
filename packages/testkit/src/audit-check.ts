/** The acceptance check: the whole log verified from its bytes, and held against ledger and state. */
import { hash } from 'node:crypto'
import { type ActivityEvent, parseEntry } from '@keywitness/cadf'
import { parseBundle, parseVerifierKey, tilePath, entriesPath, verifyLog } from '@keywitness/tlog'
import type { Client } from './client.ts'
import type { LedgerLine } from './load.ts'

export interface LoggedEntry {
  readonly index: number
  readonly producer: string
  readonly epoch: number
  readonly sequence: number
  readonly event: ActivityEvent
}

/** Downloads and verifies the log of the client's location; throws naming what is wrong. */
export async function verifiedLog(client: Client, location: string): Promise<LoggedEntry[]> {
  const log = `/v1/trackers/${location}/log`
  const key = (await client.call('GET', `${log}/key`)).text.trim()
  const checkpoint = (await client.call('GET', `${log}/checkpoint`)).text
  const bundles = new Map<number, Uint8Array>()
  const report = await verifyLog({
    checkpoint,
    verifiers: [parseVerifierKey(key)],
    hash: (data) => hash('sha256', data, 'buffer'),
    readBundle: async (n, width) => {
      const bytes = await client.bytes(`${log}/${entriesPath(n, width)}`)
      bundles.set(n, bytes)
      return bytes
    },
    readTile: (level, n, width) => client.bytes(`${log}/${tilePath(level, n, width)}`),
  })
  if (!report.ok) throw new Error(`the log is not good: ${report.faults.map((fault) => fault.message).join('; ')}`)
  return [...bundles]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([n, bytes]) =>
      parseBundle(bytes).map((entry, at) => {
        const { event, producer, sequence } = parseEntry(entry)
        return { index: n * 256 + at, producer: producer.id, epoch: producer.epoch, sequence, event }
      }),
    )
}

/** Waits until everything answered so far is covered: the newest event the client knows of is in a checkpoint. */
export async function covered(client: Client, location: string): Promise<void> {
  const marker = await client.call('GET', `/v1/trackers/${location}/events?limit=1`)
  await client.receipt(marker.eventId ?? '')
}

/** What must hold of log, ledger and state, whatever happened. Answers sentences about what does not. */
export function broken(
  log: readonly LoggedEntry[],
  ledger: readonly LedgerLine[],
  keyIds: ReadonlySet<string>,
): string[] {
  const wrong: string[] = []
  const ids = new Map<string, number>()
  for (const { event } of log) ids.set(event.id, (ids.get(event.id) ?? 0) + 1)
  for (const [id, count] of ids) if (count > 1) wrong.push(`event ${id} is in the log ${count} times`)

  for (const line of ledger) {
    if (line.status === undefined) continue
    const isRefusedWithoutEvent = line.status === 503 || line.status === 507
    if (line.eventId === undefined) {
      if (!isRefusedWithoutEvent && line.status !== 0)
        wrong.push(`${line.action} was answered ${line.status} without an event`)
    } else if (ids.get(line.eventId) !== 1)
      wrong.push(`${line.action} was answered, its event ${line.eventId} is not in the log`)
  }

  const byCorrelation = new Map<string, number>()
  for (const { event } of log) {
    if (event.correlationId !== undefined)
      byCorrelation.set(event.correlationId, (byCorrelation.get(event.correlationId) ?? 0) + 1)
  }
  for (const line of ledger) {
    const count = byCorrelation.get(line.correlationId) ?? 0
    if (count > 1) wrong.push(`the call ${line.correlationId} has ${count} events`)
  }

  const last = new Map<string, { epoch: number; sequence: number }>()
  for (const { producer, epoch, sequence, index } of log) {
    const before = last.get(producer)
    if (sequence !== (before?.sequence ?? 0) + 1)
      wrong.push(`entry ${index} has number ${sequence} after ${before?.sequence ?? 0}`)
    if (before !== undefined && epoch < before.epoch) wrong.push(`entry ${index} goes back to epoch ${epoch}`)
    last.set(producer, { epoch, sequence })
  }

  const createdIn = new Set<string>()
  for (const { event } of log) {
    if (event.action !== 'hs-crypto.secrets.create' || event.outcome !== 'success') continue
    const id = (event.responseData as { keyId?: string }).keyId ?? ''
    createdIn.add(id)
    if (!keyIds.has(id)) wrong.push(`key ${id} was created by the log and does not exist`)
  }
  for (const id of keyIds) if (!createdIn.has(id)) wrong.push(`key ${id} exists and no event created it`)
  return wrong
}

/** Ids of all keys of the client's instance, deleted ones included. */
export async function allKeyIds(client: Client): Promise<Set<string>> {
  const ids = new Set<string>()
  for (let offset = 0; ; offset += 5_000) {
    const page = await client.call<{ resources: { id: string }[] }>(
      'GET',
      `/api/v2/keys?state=0,1,2,3,5&limit=5000&offset=${offset}`,
    )
    if (page.status !== 200) throw new Error(`no keys: ${page.status} ${page.text}`)
    for (const { id } of page.json.resources) ids.add(id)
    if (page.json.resources.length < 5_000) return ids
  }
}
