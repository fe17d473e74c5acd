/** A key service with adopting services for tests: registrations, the lifecycle flow and real timers on a clock that stands. */
import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import type { Caller } from '../../caller.ts'
import { readInstances } from '../../instances/instances.ts'
import { type House, openHouse } from '../../keys/testing/house.ts'
import type { KeyLimits } from '../../keys/limits.ts'
import { readMessages } from '../../outbound/messages.ts'
import { insertTarget } from '../../outbound/targets.ts'
import type { RegistrationCall, RegistrationParts } from '../../registrations/admit.ts'
import { createRegistration, type Registered, type RegistrationWish } from '../../registrations/create.ts'
import { registrationStore } from '../../registrations/registration-row.ts'
import { createSealer } from '../../seal.ts'
import type { Change } from '../../store/store.ts'
import { systemCaller } from '../../system-caller.ts'
import { createTimers } from '../../timers/timers.ts'
import { acknowledge, type AcknowledgeParts, type AcknowledgeWish } from '../acknowledge.ts'
import { type LifecycleActions, readLifecycleActions } from '../actions.ts'
import { insertAdopter } from '../adopters.ts'
import { lifecycleJobs } from '../jobs.ts'
import { createSettling } from '../settle.ts'

export interface AdoptingHouse {
  readonly house: House
  readonly actions: LifecycleActions
  readonly registrationParts: RegistrationParts
  /** A service ID that is told at a target of its own. */
  adopter(): Caller
  /** Registers a resource as a service. */
  register(service: Caller, key: string, crn: string, wish?: Partial<RegistrationWish>): Promise<Registered>
  registrationCall(service: Caller, key: string, crn: string): RegistrationCall
  /** Messages queued so far, oldest first, those of one time in the order of the services, parsed. */
  messages(): { readonly target: string; readonly type: string; readonly data: MessageData }[]
  acknowledging(service: Caller, wish: Partial<AcknowledgeWish>): ReturnType<typeof acknowledge>
  acknowledge(service: Caller, wish: Partial<AcknowledgeWish>): Promise<void>
  /** While true, acknowledgements do not end an action: as after a crash right behind their commit. */
  isCutShort: boolean
  /** Moves the clock and lets the timers do what falls due. */
  pass(milliseconds: number): Promise<void>
}

interface MessageData {
  readonly eventId: string
  readonly eventType: string
  readonly isRepeated: boolean
  readonly keyState: number
  readonly keyVersion: { readonly id: string }
  readonly oldKeyVersion?: { readonly id: string }
  readonly resources: readonly string[]
  readonly totalResources: number
  readonly acknowledgeBefore: string
  readonly correlationId?: string
}

export const crnOf = (name: string): string =>
  `crn:v1:keywitness:public:cloud-object-storage:global:a/${'a'.repeat(32)}:33333333-3333-4333-8333-333333333333:bucket:${name}`

export function openAdoptingHouse(limits: Partial<KeyLimits> = {}): AdoptingHouse {
  const house = openHouse(limits)
  const { store, parts, audit } = house
  const { clock } = parts
  const actions = readLifecycleActions(store)
  const settling = createSettling({
    actions,
    audit,
    clock,
    instances: readInstances(store),
    systemCaller: (account) => systemCaller(account, 'Keywitness'),
  })
  const carry = async (changes: readonly Change[]): Promise<void> => {
    for (const { sql, params } of changes) store.run(sql, params)
  }
  const jobs = lifecycleJobs({ actions, settling, messages: readMessages(store), clock, carry })
  const registrationParts: RegistrationParts = { ...parts, registrations: registrationStore(store) }
  const acknowledgeParts: AcknowledgeParts = {
    ...parts,
    reader: store,
    actions,
    settle: async (action, caller) => {
      if (!made.isCutShort) await settling.settle(action, caller)
    },
  }
  const made: AdoptingHouse = {
    house,
    actions,
    registrationParts,
    isCutShort: false,
    adopter: () => {
      const service = house.caller(['Reader'])
      const target = `00000000-0000-4000-8000-${service.id.slice(-12)}`
      const { account } = house.instance
      const at = { id: target, account, url: 'https://example.com/hook', createdAt: house.time, createdBy: 'nobody' }
      const changes = insertTarget(at, 'whsec_AAAA', createSealer(randomBytes(32)))
      for (const { sql, params } of [...changes, insertAdopter({ service: service.id, account, target })]) {
        store.run(sql, params)
      }
      return service
    },
    registrationCall: (service, key, crn) => ({ ...house.call(service), key, resource: crn }),
    register: (service, key, crn, wish = {}) => {
      const call = made.registrationCall(service, key, crn)
      const said = { description: undefined, metadata: undefined, preventsDeletion: undefined, ...wish }
      return house.run(
        'hs-crypto.registrations.create',
        createRegistration(call, () => said, registrationParts),
        call,
      )
    },
    messages: () =>
      store
        .all<{ target: string; body: string }>(
          'SELECT target, body FROM outbound_messages ORDER BY created_at, target, id',
        )
        .map(({ target, body }) => ({ target, ...(JSON.parse(body) as { type: string; data: MessageData }) })),
    acknowledging: (service, wish) =>
      acknowledge(
        house.call(service),
        () => ({
          eventId: '',
          state: 'DEK_ENABLED',
          at: undefined,
          version: undefined,
          deletesRegistration: false,
          crn: undefined,
          ...wish,
        }),
        acknowledgeParts,
      ),
    acknowledge: (service, wish) =>
      house.run('hs-crypto.secrets-event.ack', made.acknowledging(service, wish), house.call(service)),
    pass: async (milliseconds) => {
      house.time += milliseconds
      // New ones each time, as after a restart: what fell due meanwhile is caught up.
      const timers = createTimers({ clock: { ...clock, monotonic: () => 0 }, log: pino({ level: 'silent' }) })
      for (const job of jobs) timers.add(job)
      timers.start()
      await timers.stop()
    },
  }
  return made
}
