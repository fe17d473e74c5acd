/** The lifecycle flow with adopting services as one part: its routes, what falls due, and the sender behind it. */
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Audit } from '../audit.ts'
import type { Caller } from '../caller.ts'
import type { Clock } from '../clock.ts'
import type { Door } from '../http/door.ts'
import type { KmsRoute } from '../http/witnessed.ts'
import type { Accounts } from '../iam/accounts.ts'
import type { Identities } from '../iam/identities.ts'
import type { Ids } from '../iam/names.ts'
import type { Access } from '../iam/roles.ts'
import type { Instances } from '../instances/instances.ts'
import type { KeyParts } from '../keys/parts.ts'
import { addressRule } from '../outbound/addresses.ts'
import { systemResolver } from '../outbound/attempt.ts'
import type { Carriers } from '../outbound/carrier.ts'
import { readMessages } from '../outbound/messages.ts'
import { queueMetrics } from '../outbound/metrics.ts'
import { Sender } from '../outbound/sender.ts'
import { readTargets } from '../outbound/targets.ts'
import type { Sealer } from '../seal.ts'
import type { Change, Reader } from '../store/store.ts'
import { systemCaller } from '../system-caller.ts'
import type { TimerJob } from '../timers/timers.ts'
import { readLifecycleActions } from './actions.ts'
import { addAdopterRoutes } from './adopter-routes.ts'
import { readAdopters } from './adopters.ts'
import { giveUpMessage } from './give-up.ts'
import { lifecycleJobs } from './jobs.ts'
import { addNotificationRoutes } from './notification-routes.ts'
import { readPending } from './pending.ts'
import { addPendingRoutes } from './pending-routes.ts'
import { lifecycleRoutes } from './routes.ts'
import { createSettling } from './settle.ts'

export interface AdoptingParts {
  readonly reader: Reader
  readonly audit: Audit
  readonly door: Door
  readonly access: Access
  readonly accounts: Accounts
  readonly identities: Identities
  readonly instances: Instances
  readonly ids: Ids
  readonly keys: KeyParts['keys']
  readonly sealer: Sealer
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
  readonly log: Logger
  /** Where the metrics of the queue are shown. */
  readonly registry: Registry
  readonly cname: string
  /** Name of the service as an initiator. */
  readonly serviceName: string
  /** What takes messages to targets of each kind: the sender is one for all of them. */
  readonly carriers: Carriers
  /** Private addresses that messages may be sent to. */
  readonly privateRanges: readonly string[]
  /** Makes bookkeeping durable, without an event. */
  readonly carry: (changes: readonly Change[]) => Promise<void>
}

export interface Adopting {
  readonly keyRoutes: readonly KmsRoute[]
  readonly jobs: readonly TimerJob[]
  addRoutes(app: FastifyInstance): void
  /** Begins to send what waits. */
  start(): void
  stop(): Promise<void>
}

export function openAdopting(parts: AdoptingParts): Adopting {
  const { reader, audit, accounts, sealer, log, cname, serviceName } = parts
  const actions = readLifecycleActions(reader)
  const adopters = readAdopters(reader)
  const messages = readMessages(reader)
  const queue = queueMetrics(parts.registry, messages, parts.clock)
  const addresses = addressRule(parts.privateRanges)
  const system = (account: string): Caller => systemCaller(account, serviceName)
  const settling = createSettling({ ...parts, actions, systemCaller: system })
  const sender = new Sender({
    ...parts,
    messages,
    addresses,
    targets: readTargets(reader, sealer),
    resolve: systemResolver(),
    attempted: (outcome) => queue.attempted(outcome),
    giveUp: async (message, problem, change) => {
      // A channel's message, or one of an adopter that is gone: then so is the message, and the change fails.
      if (adopters.ofTarget(message.target) === undefined) return await parts.carry([change])
      await giveUpMessage(message, problem, change, { audit, accounts, adopters, cname, systemCaller: system })
    },
  })
  return {
    keyRoutes: lifecycleRoutes({
      ...parts,
      actions,
      settle: async (action, caller) => {
        // The acknowledgement is durable: an end that cannot be recorded now is recorded by the timer.
        await settling.settle(action, caller).catch((error: unknown) => {
          log.warn({ err: error, action }, 'the end of a lifecycle action could not be recorded yet')
        })
      },
    }),
    jobs: lifecycleJobs({ ...parts, actions, settling, messages }),
    addRoutes: (app) => {
      const routeParts = { ...parts, adopters, messages, addresses, pending: readPending(reader) }
      addAdopterRoutes(app, routeParts)
      addNotificationRoutes(app, routeParts)
      addPendingRoutes(app, routeParts)
    },
    start: () => sender.start(),
    stop: () => sender.stop(),
  }
}
