/** Proposals that nobody approved in time: each lapses with its event, for good. */
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { systemCaller } from '../system-caller.ts'
import type { TimerJob } from '../timers/timers.ts'
import { proposalRequest, proposalResponse } from './proposal-facts.ts'
import { endProposal, type Proposal, type Proposals } from './proposals.ts'
import type { TrackerRequestParts } from '../trail/tracker-request.ts'

/** Proposals of one run; what remains is asked for again at once. */
const lapsedAtOnce = 20

export function lapseJob(
  parts: Pick<TrackerRequestParts, 'audit' | 'names' | 'serviceName'> & { readonly proposals: Proposals },
): TimerJob {
  const { audit, names, serviceName, proposals } = parts
  return {
    name: 'proposals that lapse',
    isFinal: true,
    nextDue: () => proposals.nextToLapse()?.expiresAt,
    run: async (now) => {
      for (let done = 0; done < lapsedAtOnce; done++) {
        const proposal = proposals.nextToLapse()
        if (proposal === undefined || proposal.expiresAt > now) return
        const { account, location, tracker } = proposal
        const caller = systemCaller(account, serviceName)
        const crn = names.crn({ account, location, id: tracker })
        const circumstances = { caller, destination: { account, location }, logSourceCRN: crn }
        await audit.witness(
          'activity-tracker.proposal.lapse',
          circumstances,
          { id: crn, name: location },
          lapse(proposals, proposal, caller.id, now),
        )
      }
    },
  }
}

function lapse(
  proposals: Proposals,
  { tracker, id }: Proposal,
  by: string,
  now: number,
): Operation<'activity-tracker.proposal.lapse', undefined> {
  return (seen) => {
    const proposal = proposals.find(tracker, id)
    if (proposal === undefined || proposal.state !== 'open') throw new Refusal('CONFLICT')
    seen.request = proposalRequest(proposal)
    seen.response = proposalResponse(proposal)
    return { result: undefined, code: 200, changes: [endProposal(proposal, 'lapsed', by, now)] }
  }
}
