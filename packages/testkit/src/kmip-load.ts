/** KMIP load as a vCenter makes it, with connections that break off, and a ledger of what was asked and answered. */
import { randomInt, randomUUID } from 'node:crypto'
import {
  aesKey,
  type Answered,
  answersOf,
  type Asked,
  attribute,
  requestOf,
  uid,
  uidOf,
} from '@keywitness/server/kmip/testing/messages'
import { decode } from '@keywitness/server/kmip/ttlv/decode'
import { encode } from '@keywitness/server/kmip/ttlv/encode'
import { text } from '@keywitness/server/kmip/ttlv/item'
import { tags } from '@keywitness/server/kmip/ttlv/tags'
import type { LoggedEntry } from './audit-check.ts'
import type { Client } from './client.ts'
import { connectKmip, type KmipConnection, type KmipPlace } from './kmip-client.ts'
import type { Identity } from './new-certificate.ts'
import { materialOf } from './vcenter.ts'

/** One message, and how it ended. Without `answers` none came: it may or may not have been done. */
export interface KmipLedgerLine {
  /** Client Correlation Value: events tell it. */
  readonly correlation: string
  readonly items: readonly Asked[]
  readonly answers?: readonly Answered[]
}

export interface KmipLoad {
  readonly ledger: readonly KmipLedgerLine[]
  /** Bytes of keys that were read, by identifier. */
  readonly materials: ReadonlyMap<string, Buffer>
  /** Resolves once so many messages were answered. */
  answered(count: number): Promise<void>
  /** Lets messages under way end, sends no new ones. */
  stop(): Promise<void>
}

/** How a connection is left: used as it should be, or broken off where it hurts. */
type Manner = 'whole' | 'torn' | 'deaf'

const version = { major: 1, minor: 4 }
const pauseMs = 10

/**
 * Starts vCenters that work until stopped; every eighth message is cut off in its middle, or its answer not waited for and
 * the same sent again. While there is no server they try again.
 *
 * @param place asked for each connection: a server that was restarted has another port
 */
export function startKmipLoad(place: () => KmipPlace, identity: Identity, workers: number): KmipLoad {
  const ledger: KmipLedgerLine[] = []
  const materials = new Map<string, Buffer>()
  const waiting: { readonly count: number; readonly resolve: () => void }[] = []
  const stopping = new AbortController()
  let answeredCount = 0

  async function connected<Result>(act: (connection: KmipConnection) => Promise<Result>): Promise<Result> {
    const connection = await connectKmip(place(), identity)
    try {
      // The first message of every connection of a vCenter.
      await connection.ask('DiscoverVersions')
      return await act(connection)
    } finally {
      connection.reset()
    }
  }

  function note(line: KmipLedgerLine): void {
    ledger.push(line)
    if (line.answers === undefined) return
    answeredCount += 1
    for (const { count, resolve } of waiting) if (answeredCount >= count) resolve()
  }

  /** Sends one message on a connection of its own or the one given; undefined when no answer came. */
  async function send(connection: KmipConnection, items: readonly Asked[], manner: Manner) {
    const correlation = randomUUID()
    const header = [text(tags.ClientCorrelationValue, correlation)]
    const message = encode(requestOf(items, version, header))
    try {
      if (manner === 'torn') {
        connection.write(message.subarray(0, randomInt(1, message.length)))
        throw new Error('broken off in the middle')
      }
      if (manner === 'deaf') {
        connection.write(message)
        // Whether it arrives before the reset is left to chance.
        if (randomInt(2) === 0) await new Promise((resolve) => setImmediate(resolve))
        throw new Error('broken off before the answer')
      }
      const answers = answersOf(decode(await connection.exchange(message)))
      note({ correlation, items, answers })
      return answers
    } catch (error) {
      note({ correlation, items })
      throw error
    }
  }

  /** The same again on other connections, until it is answered: a client that lost an answer does so. */
  async function insist(items: readonly Asked[]): Promise<readonly Answered[] | undefined> {
    while (!stopping.signal.aborted) {
      const chance = randomInt(16)
      const manner = chance === 0 ? 'torn' : chance === 1 ? 'deaf' : 'whole'
      try {
        return await connected((connection) => send(connection, items, manner))
      } catch {
        await new Promise((resolve) => setTimeout(resolve, pauseMs))
      }
    }
    return undefined
  }

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      const created = await insist([{ operation: 'Create', payload: aesKey() }])
      if (created === undefined) return
      const id = uidOf(created[0]?.fields ?? [])
      // Two connections work on the same key at the same moment.
      await Promise.all([use(id), tag(id)])
    }
  }

  async function use(id: string): Promise<void> {
    const read = await insist([{ operation: 'Get', payload: [uid(id)] }])
    if (read === undefined) return
    materials.set(id, materialOf(read[0]?.fields ?? []))
    await insist([{ operation: 'GetAttributes', payload: [uid(id), text(tags.AttributeName, 'State')] }])
    await insist([{ operation: 'Activate', payload: [uid(id)] }])
  }

  async function tag(id: string): Promise<void> {
    const names = ['x-Product_Version', 'x-Vendor', 'x-Product']
    await insist([{ operation: 'GetAttributes', payload: [uid(id), text(tags.AttributeName, 'x-Vendor')] }])
    await insist(
      names.map((name) => ({ operation: 'AddAttribute', payload: [uid(id), attribute(name, text(0, `of ${id}`))] })),
    )
  }

  const done = Promise.all(Array.from({ length: workers }, work))
  return {
    ledger,
    materials,
    answered: (count) =>
      new Promise((resolve) => {
        if (answeredCount >= count) resolve()
        else waiting.push({ count, resolve })
      }),
    stop: async () => {
      stopping.abort()
      await done
    },
  }
}

/** Identifiers of all objects of an adapter, destroyed ones included. */
export async function allObjectIds(client: Client, adapter: string): Promise<Set<string>> {
  const ids = new Set<string>()
  for (;;) {
    const page = await client.call<{ resources?: { id: string }[] }>(
      'GET',
      `/api/v2/kmip_adapters/${adapter}/kmip_objects?state=1,2,3,4,5,6&limit=5000&offset=${ids.size}`,
    )
    if (page.status !== 200) throw new Error(`no objects: ${page.status} ${page.text}`)
    const { resources = [] } = page.json
    for (const { id } of resources) ids.add(id)
    if (resources.length < 5_000) return ids
  }
}

/** What must hold of log, ledger and objects, whatever happened. Answers sentences about what does not. */
export function brokenKmip(
  log: readonly LoggedEntry[],
  ledger: readonly KmipLedgerLine[],
  objects: ReadonlySet<string>,
): string[] {
  const wrong: string[] = []
  const events = new Map<string, string[]>()
  const created = new Set<string>()
  for (const { event } of log) {
    if (!event.action.startsWith('hs-crypto.kmip-key')) continue
    const { clientCorrelationValue, batchIndex } = event.requestData as Record<string, unknown>
    const item = `${clientCorrelationValue} ${batchIndex}`
    events.set(item, [...(events.get(item) ?? []), event.outcome])
    const id = (event.responseData as { keyId?: string }).keyId ?? ''
    if (event.action !== 'hs-crypto.kmip-key.create' || event.outcome !== 'success') continue
    if (created.has(id)) wrong.push(`object ${id} was created twice by the log`)
    created.add(id)
    if (!objects.has(id)) wrong.push(`object ${id} was created by the log and does not exist`)
  }
  for (const id of objects) if (!created.has(id)) wrong.push(`object ${id} exists and no event created it`)
  for (const { correlation, items, answers } of ledger) {
    for (const [index, { operation }] of items.entries()) {
      const outcomes = events.get(`${correlation} ${index}`) ?? []
      const answer = answers?.[index]
      if (outcomes.length > 1) wrong.push(`${operation} ${correlation} has ${outcomes.length} events`)
      if (answer === undefined) continue
      const told = answer.status === 'Success' ? 'success' : 'failure'
      if (outcomes[0] !== told)
        wrong.push(`${operation} ${correlation} was answered ${told}, its event says ${outcomes}`)
      const isMade = operation === 'Create' && told === 'success'
      if (isMade && !objects.has(uidOf(answer.fields)))
        wrong.push(`${correlation} was answered with a key that is not there`)
    }
  }
  return wrong
}
