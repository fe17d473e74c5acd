/** What the events of a proposal say of it: whose it is, what it would change, from what to what. */
import type { Proposal, ValuesAfter, ValuesBefore } from './proposals.ts'

interface SeenValues {
  'initialValue.state'?: ValuesBefore['state']
  'initialValue.retentionDays'?: number | undefined
  'newValue.state'?: ValuesAfter['state']
  'newValue.retentionDays'?: number | undefined
}

/** Before and after, as events have them. */
export function valueFacts(before: ValuesBefore, after: ValuesAfter): SeenValues {
  return {
    ...(before.state === undefined ? {} : { 'initialValue.state': before.state }),
    ...(before.retentionDays === undefined ? {} : { 'initialValue.retentionDays': before.retentionDays }),
    ...(after.state === undefined ? {} : { 'newValue.state': after.state }),
    ...(after.retentionDays === undefined ? {} : { 'newValue.retentionDays': after.retentionDays }),
  }
}

/** For the request: which proposal it is about. */
export function proposalRequest({ id, kind, subject }: Pick<Proposal, 'id' | 'kind' | 'subject'>) {
  return { proposal: id, kind, ...(subject === '' ? {} : { hold: subject }) }
}

/** For the response: who proposed what, and until when it could be approved. */
export function proposalResponse(proposal: Proposal) {
  return {
    proposedBy: proposal.proposedBy,
    expirationDate: new Date(proposal.expiresAt).toISOString(),
    ...valueFacts(proposal.before, proposal.after),
  }
}
