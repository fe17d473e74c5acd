/** Rotation by policy: each key with an interval is rotated when its newest version is that old (reference 8.5). */
import { randomUUID } from 'node:crypto'
import type { Audit, Operation } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { Refusal } from '../errors.ts'
import type { Instances } from '../instances/instances.ts'
import { requestedTarget } from '../keys/admit.ts'
import type { KeyRow } from '../keys/key-row.ts'
import type { KeyCall, KeyParts } from '../keys/parts.ts'
import { rotateKey } from '../keys/rotate.ts'
import type { Reader } from '../store/store.ts'
import { systemCaller } from '../system-caller.ts'
import type { TimerJob } from '../timers/timers.ts'

export interface RotationParts {
  readonly reader: Reader
  readonly audit: Audit
  readonly instances: Pick<Instances, 'find'>
  readonly keys: KeyParts
  readonly clock: Clock
  readonly serviceName: string
}

interface Due {
  readonly instance: string
  readonly key: string
  readonly dueAt: number
}

/** Rotations of one run. */
const rotationsMax = 100
/** After a refusal that concerns the key: its rotation must happen within a day of falling due, and again be tried. */
const keyRestMs = 24 * 3_600_000
/** After a refusal that concerns all keys, such as a crypto unit that does not answer. */
const allRestMs = 5 * 60_000

/** Nobody's fault but the service's: the next key would be refused alike. */
const ofTheService: ReadonlySet<string> = new Set(['UNIT_UNAVAILABLE', 'AUDIT_UNAVAILABLE', 'STORAGE_FULL', 'INTERNAL'])

/** A key that has expired waits for its deactivation, not for a rotation. */
export const dueKeys = `SELECT p.instance, p.key, p.due_at AS dueAt FROM key_policies p
  JOIN keys k ON k.instance = p.instance AND k.id = p.key
  WHERE p.due_at IS NOT NULL AND (k.expires_at IS NULL OR k.expires_at > ?)
  ORDER BY p.due_at LIMIT ?`

const stillDue = `SELECT 1 AS due FROM key_policies
  WHERE instance = ? AND key = ? AND kind = 'rotation' AND due_at IS NOT NULL AND due_at <= ?`

/**
 * The work for the timers. What falls due and when stands in the store; only how long a refused rotation rests is kept
 * here, so that a restart tries it at once.
 */
export function rotationJob(parts: RotationParts): TimerJob {
  const { reader, clock } = parts
  const resting = new Map<string, number>()
  let allRestUntil = -Infinity

  function soonest(limit: number): Due[] {
    const monotonic = clock.monotonic()
    for (const [key, until] of resting) if (until <= monotonic) resting.delete(key)
    if (monotonic < allRestUntil) return []
    const found = reader.all<Due>(dueKeys, clock.now(), limit + resting.size)
    return found.filter((due) => !resting.has(nameOf(due))).slice(0, limit)
  }

  async function rotate(due: Due): Promise<void> {
    // Meanwhile somebody may have rotated it, or switched the policy off.
    if (!isStillDue(due, parts)) return
    try {
      await rotateByPolicy(due, parts)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (ofTheService.has(error.code)) allRestUntil = clock.monotonic() + allRestMs
      else resting.set(nameOf(due), clock.monotonic() + keyRestMs)
    }
  }

  return {
    name: 'rotation by policy',
    nextDue: () => soonest(1)[0]?.dueAt,
    async run(now) {
      const [first, ...others] = soonest(rotationsMax).filter(({ dueAt }) => dueAt <= now)
      if (first === undefined) return
      // One tells whether the service can do it at all; the others then share a commit.
      await rotate(first)
      if (clock.monotonic() >= allRestUntil) await Promise.all(others.map(rotate))
    },
  }
}

function nameOf({ instance, key }: Due): string {
  return `${instance}/${key}`
}

function isStillDue({ instance, key }: Due, { reader, clock }: RotationParts): boolean {
  return reader.get(stillDue, instance, key, clock.now()) !== undefined
}

/** The operation that callers have too, by the server itself, which needs no role. */
async function rotateByPolicy(due: Due, parts: RotationParts): Promise<void> {
  const instance = parts.instances.find(due.instance)
  if (instance === undefined) throw new Error('policies: a key without its instance')
  const caller = systemCaller(instance.account, parts.serviceName)
  const correlationId = randomUUID()
  const call: KeyCall = { caller, instance, correlationId }
  const permitted: KeyParts = { ...parts.keys, access: { requireInstance: () => undefined, rings: () => 'all' } }
  const rotate = rotateKey(call, due.key, () => ({ material: undefined, byPolicy: true }), permitted)
  const operation: Operation<'hs-crypto.secrets.rotate', KeyRow> = (seen) => {
    // Decided again when the key changed until the commit: by then the policy may have been switched off.
    if (!isStillDue(due, parts)) throw new Refusal('CONFLICT')
    return rotate(seen)
  }
  const circumstances = {
    caller,
    destination: { account: instance.account, location: instance.location },
    logSourceCRN: instance.crn,
    correlationId,
    instanceID: instance.guid,
  }
  await parts.audit.witness('hs-crypto.secrets.rotate', circumstances, requestedTarget(call, due.key), operation)
}
