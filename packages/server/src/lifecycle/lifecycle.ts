/** Begins the lifecycle flow: what happens to a key with registrations is told to its services, who must acknowledge it. */
import { uuidv7 } from '@keywitness/cadf'
import type { Caller } from '../caller.ts'
import type { KeyRow } from '../keys/key-row.ts'
import { queueMessage } from '../outbound/messages.ts'
import type { Change, Reader } from '../store/store.ts'
import { beginAction, type LifecycleAction, type LifecycleActions, readLifecycleActions } from './actions.ts'
import { lifecycleLimits } from './limits.ts'
import { type Addressee, lifecycleMessage } from './message.ts'
import type { LifecycleAct, ToldAct } from './told.ts'

/** What the key row after the action does not tell. */
interface LifecycleFacts {
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

export function createLifecycle({ reader, random }: LifecycleParts): Lifecycle {
  const actions = readLifecycleActions(reader)
  return {
    begin: (key, act, call, facts, now) => {
      const resources = countResources(reader, key)
      if (resources === 0) return []
      const told = act === 'sync' ? repeated(actions, key) : { act, oldVersion: facts.oldVersion }
      const dueAt = now + lifecycleLimits.acknowledgeWithinMs
      const id = uuidv7(now, random(10))
      const action: LifecycleAction = {
        id,
        instance: key.instance,
        key: key.id,
        keyName: key.name,
        act: told.act,
        keyState: key.state,
        version: key.newest,
        versionAt: key.newestAt,
        oldVersion: told.oldVersion?.id ?? null,
        oldVersionAt: told.oldVersion?.createdAt ?? null,
        correlationId: call.correlationId ?? null,
        startedAt: now,
        startedBy: call.caller.id,
        dueAt,
        state: 'pending',
        remaining: resources,
        conflicting: null,
      }
      const news = {
        action,
        instanceCrn: instanceCrnOf(reader, key.instance),
        ring: key.ring,
        isRepeated: act === 'sync',
      }
      const messages = addressees(reader, key).map((to) =>
        queueMessage(lifecycleMessage(uuidv7(now, random(10)), news, to), now),
      )
      return [...beginAction(action), ...messages]
    },
  }
}

/** What a sync tells again: the last action, or, for a key that had none since its registration, what its state says. */
function repeated(actions: LifecycleActions, key: KeyRow): { act: ToldAct; oldVersion: LifecycleFacts['oldVersion'] } {
  const last = actions.lastOf(key.instance, key.id)
  if (last === undefined) {
    const act = key.state === 5 ? 'delete' : key.state === 1 ? 'enable' : 'disable'
    return { act, oldVersion: undefined }
  }
  const { oldVersion: id, oldVersionAt: createdAt } = last
  return { act: last.act, oldVersion: id === null || createdAt === null ? undefined : { id, createdAt } }
}

function countResources(reader: Reader, key: KeyRow): number {
  const sql = 'SELECT count(*) AS count FROM registrations WHERE instance = ? AND key = ?'
  return reader.get<{ count: number }>(sql, key.instance, key.id)?.count ?? 0
}

const services = `SELECT r.owner, a.target, count(*) AS total FROM registrations r
  JOIN adopters a ON a.service = r.owner WHERE r.instance = ? AND r.key = ? GROUP BY r.owner ORDER BY r.owner`

const resourcesOf = 'SELECT crn FROM registrations WHERE instance = ? AND key = ? AND owner = ? ORDER BY crn LIMIT ?'

/** Services with a registration that said where they are told. */
function addressees(reader: Reader, key: KeyRow): Addressee[] {
  const found = reader.all<{ owner: string; target: string; total: number }>(services, key.instance, key.id)
  return found.map(({ owner, target, total }) => ({
    target,
    totalResources: total,
    resources: reader
      .all<{ crn: string }>(resourcesOf, key.instance, key.id, owner, lifecycleLimits.resourcesTold)
      .map(({ crn }) => crn),
  }))
}

function instanceCrnOf(reader: Reader, guid: string): string {
  return reader.get<{ crn: string }>('SELECT crn FROM instances WHERE guid = ?', guid)?.crn ?? ''
}
