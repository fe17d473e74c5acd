/** What there is to do when a trail has only begun, and what of it was done, told by facts of the trail. */
import type { Groups } from '../api/summaries-api.ts'

export const firstSteps = ['key', 'colleague', 'client', 'channel', 'receipt'] as const

export type FirstStep = (typeof firstSteps)[number]

interface FirstFacts {
  /** Of the whole trail, by action, kind of initiator, initiator. */
  readonly groups: Groups
  readonly keys: number
  readonly channels: number
}

/** A trail is taken as begun while it is no longer than this. */
export const begunMax = 500

const signIns: ReadonlySet<string> = new Set(['iam-identity.apikey.login', 'iam-identity.session.create'])
const user = 'service/security/account/user'
/** Identities of programs, whichever way they prove who they are. */
const programs: ReadonlySet<string> = new Set([
  'service/security/account/serviceid',
  'service/security/client/certificateid',
])

export function stepsDone({ groups, keys, channels }: FirstFacts): ReadonlySet<FirstStep> {
  const rows = groups.rows.map(({ values }) => values.map(({ value }) => value))
  const people = new Set(
    rows.filter(([action = '', kind]) => signIns.has(action) && kind === user).map(([, , id]) => id),
  )
  const done: Record<FirstStep, boolean> = {
    key: keys > 0,
    colleague: people.size > 1,
    client: rows.some(([action = '', kind = '']) => programs.has(kind) && signIns.has(action)),
    channel: channels > 0,
    receipt: rows.some(([action]) => action === 'activity-tracker.receipt.read'),
  }
  return new Set(firstSteps.filter((step) => done[step]))
}
