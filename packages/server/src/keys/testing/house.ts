/** A key service for tests: the real store in memory, the real audit door and roles, a clock that stands still. */
import { randomBytes } from 'node:crypto'
import { type ActionName, type ActivityEvent, parseEntry } from '@keywitness/cadf'
import pino from 'pino'
import { type Audit, type Operation, createAudit } from '../../audit.ts'
import type { Caller } from '../../caller.ts'
import type { ErrorCode } from '../../errors.ts'
import { Refusal } from '../../errors.ts'
import { createEventStamp } from '../../event-stamp.ts'
import type { InstanceRole } from '../../iam/permissions.ts'
import { insertRoleGrant, readRoleGrants } from '../../iam/role-grants.ts'
import { ringGrants } from '../../iam/role-grants-of-ring.ts'
import { createAccess } from '../../iam/roles.ts'
import { secureImports } from '../../import-token/secure-import.ts'
import { type Instance, instanceCrn } from '../../instances/instance.ts'
import { readAdapterUse } from '../../kmip/management/adapters.ts'
import { createLifecycle } from '../../lifecycle/lifecycle.ts'
import { policiesInForce } from '../../policies/in-force.ts'
import { Committer } from '../../record/committer.ts'
import { Producers } from '../../record/producers.ts'
import { readRegistrations } from '../../registrations/registrations.ts'
import { createSealer } from '../../seal.ts'
import { memoryStore } from '../../store/open.ts'
import type { Store } from '../../store/store.ts'
import { type KeyLimits, keyLimits } from '../limits.ts'
import type { KeyCall, KeyParts } from '../parts.ts'
import { keyStore } from '../store.ts'
import { type MemoryUnit, memoryUnit } from './memory-unit.ts'

/** One EP11 keystore or key, for which alone a role counts. */
interface ResourceLimit {
  readonly type: 'keystore' | 'key'
  readonly id: string
}

export interface House {
  readonly store: Store
  /** Commits bookkeeping without an event. */
  readonly carry: Committer['carry']
  readonly unit: MemoryUnit
  readonly parts: KeyParts
  readonly audit: Audit
  readonly instance: Instance
  /** An instance of another account. */
  readonly foreign: Instance
  /** Milliseconds since the epoch; tests move it. */
  time: number
  /** How often the rest of the data folder was to be cleaned. */
  forgotten: number
  /** Everything the operational log said. */
  readonly logged: string[]
  /** A service ID of the instance's account with these roles, optionally on one key ring, keystore or EP11 key only. */
  caller(roles: readonly InstanceRole[], keyRing?: string, limit?: ResourceLimit): Caller
  /** A manager's call, or another's. */
  call(caller?: Caller, keyRing?: string): KeyCall
  /** Passes the door; resolves with the operation's result. */
  run<A extends ActionName, R>(action: A, operation: Operation<A, R>, call?: KeyCall): Promise<R>
  /** Passes the door; resolves with the refusal, or fails when there is none. */
  refused<A extends ActionName, R>(action: A, operation: Operation<A, R>, call?: KeyCall): Promise<Refusal>
  /** Events of key calls recorded so far, oldest first, as they stand in the outbox. */
  events(): ActivityEvent[]
  lastEvent(): ActivityEvent
  /** Sets a state that no operation here leads to. */
  forceState(id: string, state: number): void
}

const account = 'a'.repeat(32)
const foreignAccount = 'b'.repeat(32)
export const startTime = Date.parse('2026-03-01T12:00:00.000Z')

export function openHouse(limits: Partial<KeyLimits> = {}): House {
  const store = memoryStore()
  const unit = memoryUnit()
  const logged: string[] = []
  const instance = addInstance(store, account, '11111111-1111-4111-8111-111111111111')
  const foreign = addInstance(store, foreignAccount, '22222222-2222-4222-8222-222222222222')
  const clock = { now: () => house.time, monotonic: () => 0 }
  const random = (bytes: number): Uint8Array => randomBytes(bytes)
  const parts: KeyParts = {
    keys: keyStore(store),
    unit,
    access: createAccess(readRoleGrants(store)),
    clock,
    random,
    limits: { ...keyLimits, ...limits },
    policies: policiesInForce(store, random),
    registrations: readRegistrations(store),
    lifecycle: createLifecycle({ reader: store, random }),
    adapters: readAdapterUse(store),
    ringGrants: ringGrants(store, 'keywitness'),
    imports: secureImports(store, createSealer(randomBytes(32))),
    forget: () => {
      house.forgotten += 1
      return Promise.resolve()
    },
  }
  const committer = openCommitter(store, clock)
  const audit = createAudit({
    committer,
    clock,
    stamp: createEventStamp('Keywitness'),
    log: pino({ level: 'trace' }, { write: (line) => void logged.push(line) }),
  })
  let callers = 0
  const house: House = {
    store,
    carry: (changes) => committer.carry(changes),
    unit,
    parts,
    audit,
    instance,
    foreign,
    time: startTime,
    forgotten: 0,
    logged,
    caller(roles, keyRing = '', limit) {
      callers += 1
      return addCaller(store, instance, roles, { keyRing, limit }, callers)
    },
    call: (caller = manager, keyRing) => ({ caller, instance, ...(keyRing === undefined ? {} : { keyRing }) }),
    run: async (action, operation, call = house.call()) =>
      (await audit.witness(action, circumstancesOf(call), instanceTarget(call), operation)).result,
    async refused(action, operation, call = house.call()) {
      try {
        await house.run(action, operation, call)
      } catch (error) {
        if (error instanceof Refusal) return error
        throw error
      }
      throw new Error('the operation was not refused')
    },
    events: () =>
      store
        .all<{ entry: Uint8Array }>('SELECT entry FROM outbox ORDER BY number')
        .map((row) => parseEntry(row.entry).event),
    lastEvent: () => house.events().at(-1) as ActivityEvent,
    forceState(id, state) {
      const deletedAt = state === 5 ? house.time : null
      store.run('UPDATE keys SET state = ?, deleted_at = ? WHERE id = ?', [state, deletedAt, id])
    },
  }
  const manager = house.caller(['Manager'])
  return house
}

/** The refusal's code and status, for comparing. */
export function codeOf(refusal: Refusal): [ErrorCode, number] {
  return [refusal.code, refusal.status]
}

/** What an event says besides who, when and where. */
export function factsOf(event: ActivityEvent) {
  const { action, outcome, severity, target, requestData, responseData, reason } = event
  return { action, outcome, severity, target, requestData, responseData, code: reason.reasonCode }
}

export function circumstancesOf(call: KeyCall) {
  const { account: owner, location, crn, guid } = call.instance
  return {
    caller: call.caller,
    destination: { account: owner, location },
    logSourceCRN: crn,
    correlationId: 'test-correlation',
    requestURI: '/api/v2/keys',
    instanceID: guid,
  }
}

function instanceTarget(call: KeyCall) {
  return { id: call.instance.crn, name: call.instance.name }
}

/** The real committer, its producer's epoch already open: these tests are about key events only. */
function openCommitter(store: Store, clock: { now(): number; monotonic(): number }): Committer {
  const producers = new Producers(store)
  for (const owner of [account, foreignAccount]) producers.at({ account: owner, location: 'us-south' }).isOpen = true
  return new Committer({
    store,
    producers,
    clock,
    openingEvent: () => {
      throw new Error('the epoch is open')
    },
    committed: () => undefined,
    hasRoom: () => true,
    committing: () => undefined,
    fatal: (error) => {
      throw error
    },
  })
}

function addInstance(store: Store, owner: string, guid: string): Instance {
  const crn = instanceCrn('keywitness', 'us-south', owner, guid)
  const name = `instance-${guid.slice(0, 4)}`
  store.run(
    `INSERT INTO accounts (id, name, home, operator, created_at, created_by) VALUES (?, ?, 'us-south', ?, 0, 'nobody')`,
    [owner, owner, owner === account ? 1 : 0],
  )
  store.run(
    `INSERT INTO instances (guid, account, name, location, resource_group, crn, created_at, created_by)
      VALUES (?, ?, ?, 'us-south', ?, ?, 0, 'nobody')`,
    [guid, owner, name, 'c'.repeat(32), crn],
  )
  return { guid, name, account: owner, location: 'us-south', resourceGroup: 'c'.repeat(32), crn, createdAt: 0 }
}

function addCaller(
  store: Store,
  instance: Instance,
  roles: readonly InstanceRole[],
  { keyRing, limit }: { readonly keyRing: string; readonly limit: ResourceLimit | undefined },
  number: number,
): Caller {
  const tail = String(number).padStart(12, '0')
  const id = `iam-ServiceId-00000000-0000-4000-8000-${tail}`
  store.run(
    `INSERT INTO identities (id, account, kind, name, state, created_at, created_by)
      VALUES (?, ?, 'serviceId', ?, 'active', 0, 'nobody')`,
    [id, account, `caller-${number}`],
  )
  roles.forEach((role, index) => {
    const grant = insertRoleGrant({
      id: `${String(index).padStart(8, '0')}-0000-4000-9000-${tail}`,
      account,
      identity: id,
      role,
      scope: 'instance',
      scopeId: instance.guid,
      keyRing,
      resourceType: limit?.type ?? '',
      resource: limit?.id ?? '',
      createdAt: 0,
      createdBy: 'nobody',
    })
    store.run(grant.sql, grant.params)
  })
  return { id, name: `caller-${number}`, kind: 'serviceId', account, credential: 'token', isPrivate: true }
}
