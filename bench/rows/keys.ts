/** Row: reading and creating keys over HTTP with durable events, beside OpenStack Barbican with its CADF audit. */
import { interleaved } from '../harness/rounds.ts'
import type { Bench, Row, RowReport } from '../harness/row.ts'
import { httpLoad } from '../load/http-load.ts'
import { createRequest, loadedProduct, loggedEvents, newInstance, plaintext, readRequest } from '../load/product.ts'
import { barbicanNeeds, startBarbican } from '../peers/barbican.ts'
import { missingPackages } from '../harness/requirements.ts'

const connections = 64
/** An instance holds 50,000 keys: creating must end before that. */
const createSecondsMax = 6

export const keys: Row = {
  name: 'keys',
  title: `Key read and key create over HTTP, ${connections} connections`,
  run: measure,
}

async function measure(bench: Bench): Promise<RowReport> {
  const { workshop, options } = bench
  const ours = await loadedProduct(workshop)
  const key = await ours.client.createKey('bench', { extractable: true, payload: plaintext })
  const time = { connections, warmUp: options.warmUp, seconds: options.seconds }
  const short = { ...time, warmUp: Math.min(time.warmUp, 1), seconds: Math.min(time.seconds, createSecondsMax) }
  let instances = 0
  const read = async (): Promise<number> => {
    const { perSecond } = await httpLoad(workshop, readRequest(ours, key), time)
    await loggedEvents(ours)
    return perSecond
  }
  const create = async (): Promise<number> => {
    const instance = await newInstance(ours, `bench ${++instances}`)
    const { perSecond } = await httpLoad(workshop, createRequest(ours, instance), short)
    await loggedEvents(ours)
    return perSecond
  }
  const missing = missingPackages(barbicanNeeds)
  if (missing.length > 0) {
    const alone = await interleaved(bench, { read, create })
    const skipped = [`OpenStack Barbican is not installed (Debian: ${missing.join(', ')})`]
    return { figures: [], absolute: [], checks: [], skipped, raw: alone.values }
  }

  const peer = await startBarbican(workshop, 1)
  const two = await startBarbican(workshop, 2)
  const audited = peer.audited()
  let peerAnswers = 0
  const peerLoad = async (request: typeof peer.read): Promise<number> => {
    const { perSecond, goodTotal } = await httpLoad(workshop, request, { ...time, seconds: Math.max(3, time.seconds) })
    peerAnswers += goodTotal
    return perSecond
  }
  const rounds = await interleaved(bench, {
    read,
    create,
    'Barbican read': () => peerLoad(peer.read),
    'Barbican create': () => peerLoad(peer.store),
    'Barbican read, 2 processes': async () => (await httpLoad(workshop, two.read, time)).perSecond,
  })
  const peerEvents = peer.audited() - audited
  if (peerEvents < peerAnswers) throw new Error(`Barbican answered ${peerAnswers} times with ${peerEvents} events`)
  await peer.stop()
  await two.stop()
  const beside = 'OpenStack Barbican with CADF audit, 1 process'
  return {
    figures: [
      rounds.figure('read', 'Barbican read', { what: 'read a standard key', beside, must: 60, goal: 150 }),
      rounds.figure('create', 'Barbican create', { what: 'create a standard key', beside, must: 60, goal: 150 }),
      rounds.figure('read', 'Barbican read, 2 processes', {
        what: 'read a standard key',
        beside: 'the same peer with 2 processes',
      }),
    ],
    absolute: [
      'Barbican on SQLite with 2 processes fails half of its writes ("database is locked"): there is no such figure',
    ],
    checks: [
      'every answer has its status and holds the key material (read) or an id (create)',
      `${peerEvents} audit events of the peer for ${peerAnswers} answers, in a log that it does not sync`,
    ],
    skipped: [],
    raw: rounds.values,
  }
}
