/** What is kept and for how long, put together: its routes, its work that falls due, and what a start goes on with. */
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { TimerJob } from '../timers/timers.ts'
import type { Effect } from './effects.ts'
import { lapseJob } from './lapse.ts'
import { addProposalRoutes } from './proposal-routes.ts'
import { readProposals } from './proposals.ts'
import { Removals } from './removal.ts'
import { addRemovalRoutes } from './removal-routes.ts'
import type { KeepingParts } from './tracker-request.ts'

export interface Keeping {
  readonly jobs: readonly TimerJob[]
  addRoutes(app: FastifyInstance): void
  /** Goes on with what a stop came in between of. */
  start(): void
  stop(): Promise<void>
}

export function openKeeping(given: KeepingParts & { readonly log: Logger; readonly folder: string }): Keeping {
  const proposals = readProposals(given.reader)
  const removals = new Removals({ ...given, accounts: given.door.accounts })
  const effects: readonly Effect[] = [removals.effect()]
  const parts = { ...given, proposals, effects, removals }
  return {
    jobs: [lapseJob(parts)],
    addRoutes: (app) => {
      addProposalRoutes(app, parts)
      addRemovalRoutes(app, parts)
    },
    start: () => removals.resume(),
    stop: () => removals.stop(),
  }
}
