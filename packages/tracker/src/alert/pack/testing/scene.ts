/** A language for what happens in tests of rules: who did what at which time, as real events of the catalogue. */
import {
  type ActionName,
  type ActivityEvent,
  buildEvent,
  type EventFacts,
  type Initiator,
  initiatorTypes,
  type RequestFields,
  type ResponseFields,
  uuidv7,
} from '@keywitness/cadf'

export const billing = 'b1111111-0000-4000-8000-000000000001'
export const payroll = 'b2222222-0000-4000-8000-000000000002'
export const instance = '1f6f5a0c-5d6e-4a55-9a0b-0f3c1d2e4b5a'
export const producer = '0b6c0e5e-7b1c-4a3e-9a52-1f1c2d3e4f50'
export const otherProducer = '5b0f7f0c-2f0e-4d0d-8d8e-6a7d3a1c9b21'

/** The n-th of many keys. */
export const keyNumber = (n: number): string => `c0000000-0000-4000-8000-${String(n).padStart(12, '0')}`

const scope = 'crn:v1:keywitness:public:hs-crypto:us-south:a/0123456789abcdef0123456789abcdef'
const keyCrn = (key: string): string => `${scope}:${instance}:key:${key}`
export const unitCrn = `${scope}:${instance}:tke-cryptounit:b0a1`

export type Who = Omit<Initiator, 'host'> & { readonly host?: Initiator['host'] }

const person = (id: string, name: string, address: string): Who => ({
  id,
  name,
  typeURI: initiatorTypes.user,
  credential: { type: 'token' },
  host: { address, agent: 'curl/8.5.0' },
})

export const ana = person('IBMid-50TR4N', 'Ana Ruiz', '203.0.113.7')
export const marek = person('IBMid-31C0W2', 'Marek Novák', '198.51.100.20')
/** A program. */
export const sync: Who = {
  id: 'iam-ServiceId-2b3c4d5e-0000-4000-8000-000000000000',
  name: 'billing-sync',
  typeURI: initiatorTypes.serviceId,
  credential: { type: 'token' },
  host: { address: '192.0.2.44', agent: 'vault-agent/1.2' },
}
export const vcenter: Who = {
  id: 'CertificateID-4f2a91c0d7e5',
  name: 'vcenter-1',
  typeURI: initiatorTypes.certificate,
  credential: { type: 'certificate' },
}
export const server: Who = {
  id: 'iam-ServiceId-keywitness',
  name: 'Keywitness',
  typeURI: initiatorTypes.serviceId,
  credential: { type: 'none' },
}
/** A caller that could prove nothing. */
export const nobody: Who = {
  id: 'unknown',
  name: 'unknown',
  typeURI: initiatorTypes.unknown,
  credential: { type: 'none' },
  host: { address: '203.0.113.99', agent: 'python-requests/2.31' },
}

export const from = (who: Who, host: Partial<Initiator['host']>): Who => ({ ...who, host: { ...who.host, ...host } })

/** What is to be said of an event besides who and what; all that is left out is as usual. */
interface Details<A extends ActionName> {
  readonly key?: string
  readonly target?: { readonly id: string; readonly name: string }
  readonly outcome?: EventFacts<A>['outcome']
  /** HTTP status. Of 400 and more it makes a failure. */
  readonly code?: number
  readonly because?: string
  readonly request?: Partial<RequestFields<A>>
  readonly response?: Partial<ResponseFields<A>>
}

export interface Happening {
  /** Milliseconds since the epoch. */
  readonly time: number
  /** Nothing but the time passes when there is none. */
  readonly event?: ActivityEvent
  /** Who numbered the event. */
  readonly producer: string
}

const firstDay = Date.UTC(2026, 10, 25)
const random = new Uint8Array(10)

/** Milliseconds of a time of day, UTC, `HH:MM` or `HH:MM:SS`; day 0 is Wednesday, 25 November 2026. */
function timeOf(clock: string, day = 0): number {
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(':').map(Number)
  return firstDay + ((day * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1_000
}

export interface Moment {
  /** Somebody did something, or tried to. */
  did<A extends ActionName>(who: Who, action: A, details?: Details<A>): Happening
  /** The same so often, one second apart; details may differ. */
  often<A extends ActionName>(
    times: number,
    who: Who,
    action: A,
    details?: (n: number) => Details<A>,
  ): readonly Happening[]
  /** Nothing happens until then. */
  readonly nothing: Happening
}

/** What happens at a time. */
export function at(clock: string, day = 0, by = producer): Moment {
  const time = timeOf(clock, day)
  const did = <A extends ActionName>(when: number, who: Who, action: A, details: Details<A>): Happening => ({
    time: when,
    event: eventOf(when, who, action, details),
    producer: by,
  })
  return {
    did: (who, action, details = {}) => did(time, who, action, details),
    often: (times, who, action, details = () => ({})) =>
      Array.from({ length: times }, (_, n) => did(time + n * 1_000, who, action, details(n))),
    nothing: { time, producer: by },
  }
}

function eventOf<A extends ActionName>(time: number, who: Who, action: A, details: Details<A>): ActivityEvent {
  const { key, request, response, because, code = 200, outcome = code < 400 ? 'success' : 'failure' } = details
  const isOfInstance = action.startsWith('hs-crypto.') && !/\.(?:producer|clock|storage)\./.test(action)
  const log = isOfInstance ? `${scope}:${instance}::` : `${scope}:::`
  const target =
    details.target ?? (key === undefined ? { id: log, name: 'main' } : { id: keyCrn(key), name: 'billing' })
  const facts: EventFacts<A> = {
    action,
    outcome,
    reason: { code, forFailure: because },
    initiator: who,
    target,
    logSourceCRN: log,
    ...(isOfInstance ? { instanceID: instance } : {}),
    ...(request === undefined ? {} : { request }),
    ...(response === undefined ? {} : { response }),
  }
  return buildEvent(facts, { id: uuidv7(time, random), time, serviceName: 'Keywitness' })
}
