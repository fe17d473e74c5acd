/** How a tracker is, at a glance: how far it is, whether it was verified, what was odd, for how long it keeps. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { timestamp } from '../http/schema.ts'
import { addUnrecordedRoute } from '../http/unrecorded-route.ts'
import type { EndedVerification, OpenVerification, Verifications } from '../trail/proof/verifications.ts'
import { placeIn, requireTracker, targetIn, type TrackerRequestParts } from '../trail/tracker-request.ts'
import type { TrackerRow } from '../trail/trail.ts'
import type { Holds } from './holds.ts'
import type { Proposals } from './proposals.ts'
import type { Retentions } from './retention.ts'

export interface TrackerStatusParts extends TrackerRequestParts {
  readonly verifications: Pick<Verifications, 'open' | 'ended'>
  readonly retentions: Retentions
  readonly holds: Holds
  readonly proposals: Proposals
  readonly undelivered: (row: TrackerRow) => number
}

/** Counts in memory and single rows only: an overview asks for it every few seconds. */
export function addTrackerStatusRoute(app: FastifyInstance, parts: TrackerStatusParts): void {
  addUnrecordedRoute(app, parts.door, {
    url: '/v1/trackers/:location/status',
    action: 'activity-tracker.log.read',
    place: placeIn(parts),
    target: targetIn(parts),
    schema: {
      summary: 'How a tracker is: sizes, newest checkpoint, verification, oddities, retention, holds, proposals',
      tags: ['trail'],
      params: Type.Object({ location: Type.String() }),
    },
    permit: (head) => requireTracker(parts, head, 'trail.read'),
    content: async (row) => ({ body: await statusOf(parts, row), type: 'application/json' }),
  })
}

async function statusOf(parts: TrackerStatusParts, row: TrackerRow): Promise<object> {
  const { trail, retentions, holds, proposals, undelivered } = parts
  const remote = trail.remotes.find(row)
  const common = {
    location: row.location,
    origin: row.origin,
    ...trail.growth(row),
    undelivered: undelivered(row),
    openHolds: holds.countOpen(row.id),
    openProposals: proposals.countOpen(row.id),
  }
  if (remote !== undefined) {
    const { url, remote_location: location } = remote
    return { ...common, remote: { url, location }, trouble: trail.unreachable(row) ?? null }
  }
  const { checkpoint, minimumIndex } = await trail.ask(row, 'glance', {})
  return {
    ...common,
    isFailing: trail.failures().has(`${row.account}/${row.location}`),
    checkpoint: checkpoint === undefined ? null : { size: checkpoint.size, signedAt: timestamp(checkpoint.signedAt) },
    verification: verificationOf(parts, row),
    oddities: odditiesOf(parts, row),
    retention: { days: retentions.of(row) },
    minimumIndex,
  }
}

function verificationOf({ verifications }: TrackerStatusParts, row: TrackerRow): object {
  const [open] = verifications.open(row)
  const [last] = verifications.ended(row, 1)
  return {
    last: last === undefined ? null : endedView(last),
    open: open === undefined ? null : openView(open),
  }
}

function endedView(last: EndedVerification): object {
  const { id, outcome, size, findings_total: findingsTotal } = last
  return {
    id,
    state: outcome,
    startedAt: timestamp(last.started_at),
    endedAt: timestamp(last.ended_at),
    size,
    findingsTotal,
  }
}

function openView({ id, startedAt, done, total }: OpenVerification): object {
  const isRunning = startedAt !== undefined
  return {
    id,
    state: isRunning ? 'running' : 'waiting',
    startedAt: isRunning ? timestamp(startedAt) : null,
    entriesDone: done,
    entriesTotal: total,
  }
}

/** As the tracker counts them; `altered`: the first entry whose bytes were found changed when the log was opened. */
function odditiesOf({ trail }: TrackerStatusParts, row: TrackerRow): object {
  const { repeats, anomalies } = trail.oddities(row)
  const { missing, late, reused, epochs, opening, forged } = anomalies
  const altered = trail
    .alterations()
    .find(({ account, location }) => account === row.account && location === row.location)
  return {
    missing,
    late,
    reused,
    epochs,
    opening,
    forged,
    lateDated: anomalies['late-dated'],
    futureDated: anomalies['future-dated'],
    repeats,
    altered: altered?.index ?? null,
  }
}
