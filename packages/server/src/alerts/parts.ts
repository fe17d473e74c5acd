/** What the parts of alerting are given, put together once by `alerting.ts`. */
import type { Audit } from '../audit.ts'
import type { TrackerRequestParts } from '../trail/tracker-request.ts'
import type { TrackerRow } from '../trail/trail.ts'
import type { AlertEngine } from './engine/engine.ts'
import type { Mutes } from './mutes.ts'
import type { Alerts } from './raising/alert-rows.ts'
import type { TellingParts } from './raising/tell.ts'
import type { Rules } from './rules/rule-rows.ts'

export interface AlertingParts extends TrackerRequestParts, TellingParts {
  readonly audit: Audit
  readonly alerts: Alerts
  readonly rules: Rules
  readonly mutes: Mutes
  readonly engine: AlertEngine
  /** Whether the operator has given a database of locations. */
  readonly hasLocations: boolean
  /** Messages were queued: they are sent at once. */
  readonly queued: () => void
}

/** Rules of a tracker are others from now on, and somebody may have to be told so. */
export function rulesChanged(
  { engine, queued }: Pick<AlertingParts, 'queued'> & { readonly engine: Pick<AlertEngine, 'changed'> },
  row: TrackerRow,
): () => void {
  return () => {
    engine.changed(row)
    queued()
  }
}
