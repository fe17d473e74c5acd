/** What falls due in the life of keys: expiration, the purge after 90 days, the end of an authorisation. */
import { randomUUID } from 'node:crypto'
import type { ActionName } from '@keywitness/cadf'
import type { Audit, Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import type { Instance } from '../instances/instance.ts'
import type { Instances } from '../instances/instances.ts'
import type { Reader } from '../store/store.ts'
import { systemCircumstances } from '../system-caller.ts'
import type { TimerJob } from '../timers/timers.ts'
import { keyType, requestedTarget } from './admit.ts'
import { expireKey } from './expire.ts'
import { lapseAuthorisation } from './lapse.ts'
import type { KeyParts } from './parts.ts'
import { erase } from './purge.ts'
import { DESTROYED } from './states.ts'

export interface KeyJobParts {
  readonly reader: Reader
  readonly audit: Audit
  readonly instances: Pick<Instances, 'find'>
  readonly keys: KeyParts
  readonly serviceName: string
  /** Whether erased material still lingers somewhere. */
  readonly isForgetting: () => boolean
}

/** Keys of one run: they share a commit. */
const keysAtOnce = 100

interface Due {
  readonly instance: string
  readonly id: string
}

const firstExpiry = `SELECT min(expires_at) AS at FROM keys INDEXED BY keys_expiry_due
  WHERE state = 1 AND expires_at IS NOT NULL`

const expiring = `SELECT instance, id FROM keys INDEXED BY keys_expiry_due
  WHERE state = 1 AND expires_at IS NOT NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?`

const firstDeletion = 'SELECT min(deleted_at) AS at FROM keys INDEXED BY keys_purge_due WHERE state = 5'

const deleted = `SELECT instance, id FROM keys INDEXED BY keys_purge_due
  WHERE state = 5 AND deleted_at <= ? ORDER BY deleted_at LIMIT ?`

const firstLapse = `SELECT min(authorised_until) AS at FROM keys INDEXED BY keys_authorisation_due
  WHERE authorised_until IS NOT NULL`

const lapsing = `SELECT instance, id FROM keys INDEXED BY keys_authorisation_due
  WHERE authorised_until IS NOT NULL AND authorised_until <= ? ORDER BY authorised_until LIMIT ?`

export function keyJobs(parts: KeyJobParts): TimerJob[] {
  const { reader, keys } = parts
  const first = (sql: string): number | undefined => reader.get<{ at: number | null }>(sql)?.at ?? undefined
  const { purgeScheduledAfterMs } = keys.limits
  return [
    {
      name: 'expiration of keys',
      nextDue: () => first(firstExpiry),
      run: (now) =>
        forEach(reader.all<Due>(expiring, now, keysAtOnce), parts, (instance, id) =>
          witness('hs-crypto.secrets.expire', instance, id, expireKey(instance, id, keys), parts),
        ),
    },
    {
      name: 'expiration of authorisations to delete',
      nextDue: () => first(firstLapse),
      run: (now) =>
        forEach(reader.all<Due>(lapsing, now, keysAtOnce), parts, (instance, id) =>
          witness('hs-crypto.secrets.unsetkeyfordeletion', instance, id, lapseAuthorisation(instance, id, keys), parts),
        ),
    },
    {
      name: 'purge of deleted keys',
      nextDue: () => {
        const at = first(firstDeletion)
        return at === undefined ? undefined : at + purgeScheduledAfterMs
      },
      run: (now) =>
        forEach(reader.all<Due>(deleted, now - purgeScheduledAfterMs, keysAtOnce), parts, (instance, id) =>
          witness('hs-crypto.secrets.purge', instance, id, purgeWhenDue(instance, id, keys), parts),
        ),
      isFinal: true,
    },
    {
      name: 'erasing from the write-ahead log',
      nextDue: () => (parts.isForgetting() ? 0 : undefined),
      run: () => keys.forget(),
    },
  ]
}

/** Refuses when somebody was quicker: restored or purged the key. */
function purgeWhenDue(instance: Instance, id: string, parts: KeyParts): Operation<'hs-crypto.secrets.purge', unknown> {
  return (seen) => {
    const key = parts.keys.find(instance.guid, id)
    const due = parts.clock.now() - parts.limits.purgeScheduledAfterMs
    if (key?.state !== DESTROYED || key.deletedAt === null || key.deletedAt > due) throw new Refusal('CONFLICT')
    seen.target = { ...requestedTarget({ instance }, id), name: key.name }
    seen.request.keyType = keyType(key)
    seen.response.keyRingId = key.ring
    return { ...erase(key, seen, parts), code: 200 }
  }
}

/** All at once, so that they share a commit; one that cannot be done does not keep the others. */
async function forEach(
  due: readonly Due[],
  { instances }: KeyJobParts,
  work: (instance: Instance, id: string) => Promise<unknown>,
): Promise<void> {
  const results = await Promise.allSettled(
    due.map(async ({ instance: guid, id }) => {
      const instance = instances.find(guid)
      if (instance === undefined) throw new Error('keys: a key without its instance')
      await work(instance, id)
    }),
  )
  for (const result of results) {
    // Somebody was quicker: there is nothing left to do.
    if (result.status === 'rejected' && !(result.reason instanceof Refusal && result.reason.code === 'CONFLICT')) {
      throw result.reason
    }
  }
}

async function witness<A extends ActionName, R>(
  action: A,
  instance: Instance,
  id: string,
  operation: Operation<A, R>,
  { audit, serviceName }: KeyJobParts,
): Promise<void> {
  const circumstances = systemCircumstances(instance, serviceName, randomUUID())
  await audit.witness(action, circumstances, requestedTarget({ instance }, id), operation)
}
