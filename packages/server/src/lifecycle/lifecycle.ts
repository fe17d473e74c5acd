/** Begins the lifecycle flow: what happens to a key with registrations waits for its services' acknowledgements. */
import { uuidv7 } from '@keywitness/cadf'
import type { Caller } from '../caller.ts'
import type { KeyRow } from '../keys/key-row.ts'
import type { Change, Reader } from '../store/store.ts'
import { lifecycleLimits } from './limits.ts'

/** What is done to a key and told to the services that use it. `sync` repeats the last of the others. */
export type LifecycleAct = 'delete' | 'restore' | 'rotate' | 'enable' | 'disable' | 'sync'

/** What services are told of. */
export type ToldAct = Exclude<LifecycleAct, 'sync'>

/** What the key row after the action does not tell. */
export interface LifecycleFacts {
  /** The newest version before a rotation. */
  readonly oldVersion?: { readonly id: string; readonly createdAt: number }
}

export interface Lifecycle {
  /**
   * Changes to be committed with the key's own; none when no resource is registered with the key. They hold while the
   * key's registrations are those the action was decided on.
   * @param key as it is after the action
   */
  begin(
    key: KeyRow,
    act: LifecycleAct,
    call: { readonly correlationId?: string; readonly caller: Caller },
    facts: LifecycleFacts,
    now: number,
  ): Change[]
}

export interface LifecycleParts {
  readonly reader: Reader
  readonly random: (bytes: number) => Uint8Array
}

const countResources = 'SELECT count(*) AS count FROM registrations WHERE instance = ? AND key = ?'

const lastAct = `SELECT act, old_version AS oldVersion, old_version_at AS oldVersionAt FROM lifecycle_actions
  WHERE instance = ? AND key = ? ORDER BY started_at DESC LIMIT 1`

const insertAction = `INSERT INTO lifecycle_actions (id, instance, key, key_name, act, key_state, version, version_at,
  old_version, old_version_at, correlation_id, started_at, started_by, due_at, state, remaining, conflicting)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, NULL)`

const insertAcknowledgements = `INSERT INTO lifecycle_acknowledgements (action, owner, crn, state, reported,
  acknowledged_at) SELECT ?, owner, crn, 'pending', NULL, NULL FROM registrations WHERE instance = ? AND key = ?`

interface Told {
  readonly act: ToldAct
  readonly oldVersion: string | null
  readonly oldVersionAt: number | null
}

export function createLifecycle({ reader, random }: LifecycleParts): Lifecycle {
  return {
    begin: (key, act, call, facts, now) => {
      const resources = reader.get<{ count: number }>(countResources, key.instance, key.id)?.count ?? 0
      if (resources === 0) return []
      const told = act === 'sync' ? repeated(reader, key) : firstTold(act, facts)
      const id = uuidv7(now, random(10))
      return [
        {
          sql: insertAction,
          params: [
            id,
            key.instance,
            key.id,
            key.name,
            told.act,
            key.state,
            key.newest,
            key.newestAt,
            told.oldVersion,
            told.oldVersionAt,
            call.correlationId ?? null,
            now,
            call.caller.id,
            now + lifecycleLimits.acknowledgeWithinMs,
            resources,
          ],
          rows: 1,
        },
        { sql: insertAcknowledgements, params: [id, key.instance, key.id], rows: resources },
      ]
    },
  }
}

function firstTold(act: ToldAct, facts: LifecycleFacts): Told {
  return { act, oldVersion: facts.oldVersion?.id ?? null, oldVersionAt: facts.oldVersion?.createdAt ?? null }
}

/** What a sync tells again: the last action, or, for a key that had none since its registration, what its state says. */
function repeated(reader: Reader, key: KeyRow): Told {
  const last = reader.get<Told>(lastAct, key.instance, key.id)
  if (last !== undefined) return last
  const act = key.state === 5 ? 'delete' : key.state === 1 ? 'enable' : 'disable'
  return { act, oldVersion: null, oldVersionAt: null }
}
