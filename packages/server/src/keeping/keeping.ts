/** What is kept and for how long, put together: its routes, its work that falls due, and what a start goes on with. */
import type { FastifyInstance } from 'fastify'
import type { TimerJob } from '../timers/timers.ts'
import type { Effect } from './effects.ts'
import { HoldArchive } from './hold-archive.ts'
import { addHoldRoutes } from './hold-routes.ts'
import { holdReleaseEffect, readHolds } from './holds.ts'
import { lapseJob } from './lapse.ts'
import { addProposalRoutes } from './proposal-routes.ts'
import { readProposals } from './proposals.ts'
import { pruningJob, type PruningParts } from './pruning.ts'
import { Removals } from './removal.ts'
import { addRemovalRoutes } from './removal-routes.ts'
import { readRetentions, retentionEffect } from './retention.ts'
import { addRetentionRoutes } from './retention-routes.ts'
import type { Verifications } from '../trail/proof/verifications.ts'
import type { TrackerRequestParts } from '../trail/tracker-request.ts'
import type { TrackerRow } from '../trail/trail.ts'
import { addTrackerStatusRoute } from './tracker-status.ts'

export interface OpenKeepingParts extends TrackerRequestParts, Pick<PruningParts, 'log' | 'carry' | 'everyMs'> {
  /** The data folder. */
  readonly folder: string
  readonly verifications: Pick<Verifications, 'open' | 'ended'>
  /** Events recorded for a tracker that it does not have yet. */
  readonly undelivered: (row: TrackerRow) => number
}

export interface Keeping {
  readonly jobs: readonly TimerJob[]
  addRoutes(app: FastifyInstance): void
  /** Goes on with what a stop came in between of. */
  start(): void
  stop(): Promise<void>
}

export function openKeeping(given: OpenKeepingParts): Keeping {
  const proposals = readProposals(given.reader)
  const retentions = readRetentions(given.reader)
  const holds = readHolds(given.reader)
  const archive = new HoldArchive({ ...given, holds })
  const removals = new Removals({ ...given, holds, accounts: given.door.accounts })
  const effects: readonly Effect[] = [
    removals.effect(),
    retentionEffect(given, retentions),
    holdReleaseEffect(given, holds),
  ]
  const parts = { ...given, proposals, effects, removals, retentions, holds, archive }
  const pruning = pruningJob({
    ...parts,
    copyHeld: (row, below) => archive.copyBelow(row, below),
    isVerified: (row) => given.verifications.open(row).length > 0,
    isCopied: (row, below) => archive.isCopied(row, below),
  })
  return {
    jobs: [lapseJob(parts), pruning],
    addRoutes: (app) => {
      addProposalRoutes(app, parts)
      addRemovalRoutes(app, parts)
      addRetentionRoutes(app, parts)
      addHoldRoutes(app, parts)
      addTrackerStatusRoute(app, parts)
    },
    start: () => removals.resume(),
    stop: async () => {
      await archive.stop()
      await removals.stop()
    },
  }
}
