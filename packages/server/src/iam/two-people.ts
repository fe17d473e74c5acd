/** What takes two people: who may propose and who may approve it, and that whoever proposed it still might. */
import type { Caller } from '../caller.ts'
import { Refusal } from '../errors.ts'
import type { ReadStanding } from '../http/standing.ts'
import type { Condition } from '../store/store.ts'

/** Seven days: who approves on Monday may have been away for the week. */
export const proposalLifetimeMs = 7 * 24 * 3_600_000

interface Proposed {
  /** IAM id. */
  readonly proposedBy: string
  readonly state: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/**
 * A service ID is nobody's second person: whoever made it, or holds its key, would be both.
 * @throws Refusal `PEOPLE_ONLY`
 */
export function requirePerson(caller: Caller): void {
  if (caller.kind !== 'user') throw new Refusal('PEOPLE_ONLY')
}

/** @throws Refusal `PROPOSAL_CLOSED` */
export function requireOpen({ state, expiresAt }: Pick<Proposed, 'state' | 'expiresAt'>, now: number): void {
  if (state !== 'open' || expiresAt <= now) throw new Refusal('PROPOSAL_CLOSED')
}

/**
 * Whoever approves is another person than who proposed. Nobody proposes any more who might not do so now.
 *
 * @param permit throws when who it is given may not propose this
 * @returns what must still hold at commit: the rights of the proposer
 * @throws Refusal `PEOPLE_ONLY`, `SECOND_PERSON_REQUIRED`, `PROPOSAL_CLOSED`, `PROPOSER_WITHOUT_RIGHT`
 */
export function requireSecondPerson(
  caller: Caller,
  proposal: Proposed,
  now: number,
  { standing, permit }: { readonly standing: ReadStanding; readonly permit: (proposer: Caller) => void },
): Condition {
  // Who may not approve is told so whatever became of the proposal.
  requirePerson(caller)
  if (caller.id === proposal.proposedBy) throw new Refusal('SECOND_PERSON_REQUIRED')
  requireOpen(proposal, now)
  const proposer = { ...caller, id: proposal.proposedBy }
  try {
    const { condition } = standing(proposer.id)
    permit(proposer)
    return condition
  } catch (cause) {
    throw new Refusal('PROPOSER_WITHOUT_RIGHT', { cause })
  }
}
