/** What can be proposed: each kind says what it would change, and performs it in the commit of its approval. */
import type { ActionName } from '@keywitness/cadf'
import type { Alongside, Done } from '../audit.ts'
import type { JsonObject } from '../http/json.ts'
import type { Change, Condition } from '../store/store.ts'
import type { TrackerRow } from '../trail/trail.ts'
import type { Proposal, ProposalKind, ValuesAfter, ValuesBefore } from './proposals.ts'

/** A proposal as it is being made. */
interface Proposing {
  readonly subject: string
  readonly before: ValuesBefore
  readonly after: ValuesAfter
}

/** What an approval does besides ending the proposal, all in one commit. */
interface Performed {
  readonly changes: readonly Change[]
  readonly conditions?: readonly Condition[]
  /** The event of what was done, under its own action. */
  readonly alongside: readonly Alongside[]
  readonly ends?: Done<unknown>['ends']
  readonly settled?: () => void | Promise<void>
}

export interface Effect {
  readonly kind: ProposalKind
  /** Members of the body besides `kind`. */
  readonly members: readonly string[]
  /** The action under which its being done is recorded. */
  readonly action: ActionName
  /**
   * Reads what is proposed.
   * @throws Refusal when it cannot be, or needs nobody else
   */
  propose(row: TrackerRow, body: JsonObject): Proposing
  /** In words, for who is asked to approve. */
  says(row: TrackerRow, proposal: Pick<Proposal, 'before' | 'after' | 'subject'>): string
  /**
   * What is to be done now.
   * @throws Refusal PROPOSAL_OUTDATED when what it would change is not what it was
   */
  perform(row: TrackerRow, proposal: Proposal, by: string): Performed
}
