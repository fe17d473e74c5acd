/** Proposals over the API: made by one person, listed, withdrawn, and approved by another, which performs them. */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { Refusal } from '../errors.ts'
import { type AccountRequestHead, addAccountRoute } from '../http/account-route.ts'
import { isJsonObject, type JsonObject } from '../http/json.ts'
import { timestamp } from '../http/schema.ts'
import { proposalLifetimeMs, requireOpen, requirePerson, requireSecondPerson } from '../iam/two-people.ts'
import type { TrackerRow } from '../trail/trail.ts'
import { wholeNumber } from '../trail/search/query.ts'
import type { Effect } from './effects.ts'
import { proposalRequest, proposalResponse, valueFacts } from './proposal-facts.ts'
import { endProposal, insertProposal, openProposalsMax, type Proposal, type Proposals } from './proposals.ts'
import { type TrackerRequestParts, namedTracker, placeIn, requireTracker, targetIn } from '../trail/tracker-request.ts'

export interface ProposalParts extends TrackerRequestParts {
  readonly proposals: Proposals
  readonly effects: readonly Effect[]
}

const path = '/v1/trackers/:location/proposals'
const one = Type.Object({ location: Type.String(), id: Type.String() })
const pageMax = 1_000

export function addProposalRoutes(app: FastifyInstance, parts: ProposalParts): void {
  addCreate(app, parts)
  addList(app, parts)
  addApprove(app, parts)
  addWithdraw(app, parts)
}

function addCreate(app: FastifyInstance, parts: ProposalParts): void {
  const { door, proposals, clock } = parts
  addAccountRoute(app, door, {
    method: 'POST',
    url: path,
    action: 'activity-tracker.proposal.create',
    place: placeIn(parts),
    target: targetIn(parts),
    schema: {
      summary: 'Propose what takes two people: removing the tracker, keeping events for less time, releasing a hold',
      tags: ['trail'],
      params: Type.Object({ location: Type.String() }),
      body: Type.Object({
        kind: Type.Union([Type.Literal('tracker-removal'), Type.Literal('retention'), Type.Literal('hold-release')]),
        retentionDays: Type.Optional(Type.Integer({ minimum: 1, description: 'With `retention`: the new policy' })),
        hold: Type.Optional(Type.String({ description: 'With `hold-release`: the id of the hold' })),
      }),
    },
    operation: (request, seen) => {
      const row = requireTracker(parts, request, 'trail.administer')
      requirePerson(request.caller)
      const body = bodyOf(request.body())
      const effect = effectOf(parts, body)
      seen.request.kind = effect.kind
      const proposing = effect.propose(row, body)
      const { subject, before, after } = proposing
      if (subject !== '') seen.request.hold = subject
      seen.response = valueFacts(before, after)
      const open = proposals.open(row.id)
      if (open.some((other) => other.kind === effect.kind && other.subject === subject)) {
        throw new Refusal('ALREADY_EXISTS')
      }
      if (open.length >= openProposalsMax) throw new Refusal('QUOTA_EXCEEDED')
      const now = clock.now()
      const { caller } = request
      const proposal: Proposal = {
        id: randomUUID(),
        account: row.account,
        location: row.location,
        tracker: row.id,
        kind: effect.kind,
        ...proposing,
        proposedBy: caller.id,
        proposedByName: caller.name,
        proposedAt: now,
        expiresAt: now + proposalLifetimeMs,
        state: 'open',
        endedBy: null,
        endedAt: null,
      }
      seen.response = { ...seen.response, proposal: proposal.id, expirationDate: timestamp(proposal.expiresAt) }
      return {
        code: 202,
        changes: [insertProposal(proposal)],
        result: { body: viewOf(parts, row, proposal) },
      }
    },
  })
}

function addList(app: FastifyInstance, parts: ProposalParts): void {
  const { door, proposals } = parts
  addAccountRoute(app, door, {
    method: 'GET',
    url: path,
    action: 'activity-tracker.proposal.list',
    place: placeIn(parts),
    target: targetIn(parts),
    schema: {
      summary: 'Proposals, newest first: those that are open, and how the others ended',
      tags: ['trail'],
      params: Type.Object({ location: Type.String() }),
      querystring: Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: pageMax, default: 100 })) }),
    },
    operation: (request, seen) => {
      const row = requireTracker(parts, request, 'trail.read')
      const limit = wholeNumber('limit', request.query.get('limit') ?? '100', 1, pageMax)
      const found = proposals.list(row.id, limit).map((proposal) => viewOf(parts, row, proposal))
      seen.response.totalResources = found.length
      return { code: 200, result: { body: { proposals: found } } }
    },
  })
}

function addApprove(app: FastifyInstance, parts: ProposalParts): void {
  const { door, clock, access } = parts
  addAccountRoute(app, door, {
    method: 'POST',
    url: `${path}/:id/approve`,
    action: 'activity-tracker.proposal.approve',
    place: (head) => approvalPlace(parts, head),
    target: targetIn(parts),
    schema: {
      summary: 'Approve what another person has proposed, which does it',
      tags: ['trail'],
      params: one,
    },
    operation: (request, seen) => {
      const { caller } = request
      const row = requireTracker(parts, request, 'trail.administer')
      const proposal = existing(parts, row, request.params['id'])
      seen.request = proposalRequest(proposal)
      const now = clock.now()
      const mayStillPropose = requireSecondPerson(caller, proposal, now, {
        standing: door.standing,
        permit: (proposer) => access.requireTracker(proposer, row.location, 'trail.administer'),
      })
      const effect = parts.effects.find(({ kind }) => kind === proposal.kind)
      if (effect === undefined) throw new Refusal('PROPOSAL_OUTDATED')
      const performed = effect.perform(row, proposal, caller.id)
      seen.response = proposalResponse(proposal)
      const ended: Proposal = { ...proposal, state: 'approved', endedBy: caller.id, endedAt: now }
      return {
        code: 200,
        result: { body: viewOf(parts, row, ended) },
        changes: [endProposal(proposal, 'approved', caller.id, now), ...performed.changes],
        conditions: [mayStillPropose, ...(performed.conditions ?? [])],
        alongside: performed.alongside,
        ...(performed.ends === undefined ? {} : { ends: performed.ends }),
        ...(performed.settled === undefined ? {} : { settled: performed.settled }),
      }
    },
  })
}

function addWithdraw(app: FastifyInstance, parts: ProposalParts): void {
  const { door, clock } = parts
  addAccountRoute(app, door, {
    method: 'POST',
    url: `${path}/:id/withdraw`,
    action: 'activity-tracker.proposal.withdraw',
    place: placeIn(parts),
    target: targetIn(parts),
    schema: { summary: 'Withdraw a proposal, whoever made it', tags: ['trail'], params: one },
    operation: (request, seen) => {
      const row = requireTracker(parts, request, 'trail.administer')
      const proposal = existing(parts, row, request.params['id'])
      seen.request = proposalRequest(proposal)
      const now = clock.now()
      requireOpen(proposal, now)
      seen.response = proposalResponse(proposal)
      const ended: Proposal = { ...proposal, state: 'withdrawn', endedBy: request.caller.id, endedAt: now }
      return {
        code: 200,
        result: { body: viewOf(parts, row, ended) },
        changes: [endProposal(proposal, 'withdrawn', request.caller.id, now)],
      }
    },
  })
}

/** The end of a tracker is recorded where the account is at home: its own log ends. */
function approvalPlace(parts: ProposalParts, head: AccountRequestHead): ReturnType<ReturnType<typeof placeIn>> {
  const row = namedTracker(parts, head)
  if (row === undefined) return undefined
  const { caller } = head
  const proposal = parts.proposals.find(row.id, head.params['id'] ?? '')
  const home = parts.door.accounts.find(caller.account)?.home
  const isRemoval = proposal?.kind === 'tracker-removal' && home !== undefined
  const location = isRemoval ? home : row.location
  return { destination: { account: row.account, location }, logSourceCRN: parts.names.crn(row) }
}

function existing({ proposals }: ProposalParts, row: TrackerRow, id: string | undefined): Proposal {
  const proposal = proposals.find(row.id, id ?? '')
  if (proposal === undefined) throw new Refusal('NOT_FOUND')
  return proposal
}

function bodyOf(body: unknown): JsonObject {
  if (body === undefined) throw new Refusal('NO_BODY_ERR')
  if (!isJsonObject(body as JsonObject)) throw new Refusal('BAD_BODY_ERR')
  return body as JsonObject
}

function effectOf({ effects }: ProposalParts, body: JsonObject): Effect {
  const effect = effects.find(({ kind }) => kind === body['kind'])
  if (effect === undefined) throw new Refusal('INVALID_FIELD_ERR', { at: { type: 'field', name: 'kind' } })
  const unknown = Object.keys(body).find((name) => name !== 'kind' && !effect.members.includes(name))
  if (unknown !== undefined) throw new Refusal('BAD_BODY_ERR')
  return effect
}

function viewOf(parts: ProposalParts, row: TrackerRow, proposal: Proposal): object {
  const effect = parts.effects.find(({ kind }) => kind === proposal.kind)
  return {
    id: proposal.id,
    kind: proposal.kind,
    ...(proposal.subject === '' ? {} : { hold: proposal.subject }),
    before: proposal.before,
    after: proposal.after,
    says: effect?.says(row, proposal) ?? '',
    proposedBy: { id: proposal.proposedBy, name: proposal.proposedByName },
    proposedAt: timestamp(proposal.proposedAt),
    expiresAt: timestamp(proposal.expiresAt),
    state: proposal.state,
    endedBy: proposal.endedBy,
    endedAt: proposal.endedAt === null ? null : timestamp(proposal.endedAt),
  }
}
