/** Proposals in the server store: what weakens the audit, made by one person and approved by another. */
import type { Change, Reader } from '../store/store.ts'

export type ProposalKind = 'tracker-removal' | 'retention' | 'hold-release'
type ProposalState = 'open' | 'approved' | 'withdrawn' | 'lapsed'

/** What a proposal changes; each value stands in the events of its steps. */
interface ProposedValues<State> {
  /** Of the tracker or the hold. */
  readonly state?: State
  /** Days that events are kept at least; 0: for ever. */
  readonly retentionDays?: number
}

export type ValuesBefore = ProposedValues<'active' | 'open'>
export type ValuesAfter = ProposedValues<'removed' | 'released'>

export interface Proposal {
  /** UUID. */
  readonly id: string
  readonly account: string
  readonly location: string
  /** Id of the tracker. */
  readonly tracker: string
  readonly kind: ProposalKind
  /** Id of a hold; empty for the tracker itself. */
  readonly subject: string
  readonly before: ValuesBefore
  readonly after: ValuesAfter
  readonly proposedBy: string
  readonly proposedByName: string
  /** Milliseconds since the epoch. */
  readonly proposedAt: number
  readonly expiresAt: number
  readonly state: ProposalState
  readonly endedBy: string | null
  readonly endedAt: number | null
}

/** Open ones of a tracker. */
export const openProposalsMax = 100

type ProposalRow = Omit<Proposal, 'before' | 'after'> & { readonly before: string; readonly after: string }

const columns = `id, account, location, tracker, kind, subject, before, after, proposed_by AS proposedBy,
  proposed_by_name AS proposedByName, proposed_at AS proposedAt, expires_at AS expiresAt, state, ended_by AS endedBy,
  ended_at AS endedAt`

export interface Proposals {
  find(tracker: string, id: string): Proposal | undefined
  /** The newest first. */
  list(tracker: string, limit: number): Proposal[]
  open(tracker: string): Proposal[]
  countOpen(tracker: string): number
  /** The open one that expires first, of all accounts. */
  nextToLapse(): Proposal | undefined
}

export function readProposals(reader: Reader): Proposals {
  return {
    find: (tracker, id) =>
      asProposal(reader.get<ProposalRow>(`SELECT ${columns} FROM proposals WHERE id = ? AND tracker = ?`, id, tracker)),
    list: (tracker, limit) =>
      reader
        .all<ProposalRow>(
          `SELECT ${columns} FROM proposals WHERE tracker = ? ORDER BY proposed_at DESC, id DESC LIMIT ?`,
          tracker,
          limit,
        )
        .map(proposalOf),
    open: (tracker) =>
      reader
        .all<ProposalRow>(`SELECT ${columns} FROM proposals WHERE tracker = ? AND state = 'open'`, tracker)
        .map(proposalOf),
    countOpen: (tracker) =>
      reader.get<{ n: number }>("SELECT count(*) AS n FROM proposals WHERE tracker = ? AND state = 'open'", tracker)
        ?.n ?? 0,
    nextToLapse: () =>
      asProposal(
        reader.get<ProposalRow>(
          `SELECT ${columns} FROM proposals WHERE state = 'open' ORDER BY expires_at, id LIMIT 1`,
        ),
      ),
  }
}

function asProposal(row: ProposalRow | undefined): Proposal | undefined {
  return row === undefined ? undefined : proposalOf(row)
}

function proposalOf(row: ProposalRow): Proposal {
  return {
    ...row,
    before: JSON.parse(row.before) as ValuesBefore,
    after: JSON.parse(row.after) as ValuesAfter,
  }
}

/** One open proposal of a kind and subject at a time; as many of a tracker as may be. */
export function insertProposal(proposal: Proposal): Change {
  const { id, account, location, tracker, kind, subject, before, after } = proposal
  return {
    sql: `INSERT INTO proposals (id, account, location, tracker, kind, subject, before, after, proposed_by,
        proposed_by_name, proposed_at, expires_at, state)
      SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open'
      WHERE (SELECT count(*) FROM proposals WHERE tracker = ? AND state = 'open') < ${openProposalsMax}
      ON CONFLICT DO NOTHING`,
    params: [
      id,
      account,
      location,
      tracker,
      kind,
      subject,
      JSON.stringify(before),
      JSON.stringify(after),
      proposal.proposedBy,
      proposal.proposedByName,
      proposal.proposedAt,
      proposal.expiresAt,
      tracker,
    ],
    rows: 1,
  }
}

/** Ends an open proposal: of two who do so at the same time one succeeds. */
export function endProposal(
  proposal: Proposal,
  state: Exclude<ProposalState, 'open'>,
  by: string,
  now: number,
): Change {
  return {
    sql: "UPDATE proposals SET state = ?, ended_by = ?, ended_at = ? WHERE id = ? AND state = 'open'",
    params: [state, by, now, proposal.id],
    rows: 1,
  }
}
