/** KMIP put together: the service behind the listener, what management needs, and what falls due. */
import type { Logger } from 'pino'
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { NetworkPolicies } from '../http/network.ts'
import type { Accounts } from '../iam/accounts.ts'
import type { FloodControl } from '../iam/flood.ts'
import type { Access } from '../iam/roles.ts'
import type { Instances } from '../instances/instances.ts'
import { keyIdOf } from '../keys/admit.ts'
import type { KeyStore } from '../keys/store.ts'
import { Turns } from '../keys/turns.ts'
import { limits } from '../limits.ts'
import type { Forgetting } from '../store/forget.ts'
import type { TimerJob } from '../timers/timers.ts'
import type { UnitClient } from '../units/unit-client.ts'
import { Clients } from './clients.ts'
import { later } from '../listening/deadline.ts'
import { dueJob } from './due.ts'
import { kmipLimits } from './management/limits.ts'
import type { KmipParts } from './management/parts.ts'
import type { MessageMetrics } from './metrics.ts'
import { kmipStore } from './management/store.ts'
import { objectStore } from './objects/object-store.ts'
import { sweepJob, type SweepParts } from './objects/sweep.ts'
import type { KmipService } from './peer.ts'
import { createKmipService } from './service.ts'
import { ObjectTurns } from './object-turns.ts'

/** What walks through many objects may take of one turn of the serving loop: a message needs several turns. */
const walkBudgetMs = 5

export interface KmipComposition extends SweepParts {
  readonly audit: Audit
  readonly keys: KeyStore
  readonly unit: UnitClient
  readonly access: Pick<Access, 'requireInstance'>
  readonly accounts: Pick<Accounts, 'operator'>
  readonly instances: Pick<Instances, 'find'>
  readonly policies: NetworkPolicies
  readonly flood: Pick<FloodControl, 'failed'>
  readonly forgetting: Pick<Forgetting, 'owe'>
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
  readonly cname: string
  /** Of the server's first instance. */
  readonly location: string
  readonly serviceName: string
  readonly metrics: MessageMetrics
  readonly log: Logger
}

export interface Kmip {
  readonly service: KmipService
  readonly management: KmipParts
  readonly jobs: readonly TimerJob[]
  /** From now on the connections of removed certificates end. */
  attach(listener: { drop(fingerprint: string): void }): void
}

export function createKmip(parts: KmipComposition): Kmip {
  const { reader, keys, unit, clock, random, instances, forgetting } = parts
  const objects = objectStore(reader)
  const oweForgetting = (): void => forgetting.owe()
  let drop = (_fingerprint: string): void => undefined
  const service = createKmipService({
    ...parts,
    clients: new Clients(parts),
    objectTurns: new ObjectTurns({ later, waitMs: limits.kmipTurnMs }),
    objects,
    keys,
    unit,
    turns: new Turns(() => clock.monotonic(), walkBudgetMs),
    vendor: parts.serviceName,
    limits: { objectsPerAdapter: kmipLimits.objectsPerAdapter },
    oweForgetting,
  })
  const management: KmipParts = {
    kmip: kmipStore(reader),
    objects,
    turns: new Turns(() => clock.monotonic()),
    searchSpace: kmipLimits.searchSpace,
    findKey: (instance, id) => keys.find(instance, keyIdOf(id)),
    oweForgetting,
    dropClient: (fingerprint) => drop(fingerprint),
    serviceName: parts.serviceName,
    access: parts.access,
    clock,
    random,
  }
  return {
    service,
    management,
    jobs: [
      dueJob({ objects, instances, audit: parts.audit, clock, serviceName: parts.serviceName }),
      sweepJob({ reader, carry: parts.carry }),
    ],
    attach: (listener) => {
      drop = (fingerprint) => listener.drop(fingerprint)
    },
  }
}
