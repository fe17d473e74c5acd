/** Generated audit events like those of a busy key service, as log entries: the same ones for every seed. */
import { type ActionName, buildEvent, entryBytes, uuidv7 } from '@keywitness/cadf'
import { type Random, seededRandom, wholeBelow } from './random.ts'

export interface GeneratedEvent {
  readonly bytes: Uint8Array
  readonly producer: string
  readonly epoch: number
  /** Also its index in the log, plus one. */
  readonly sequence: number
  /** Milliseconds since the epoch. */
  readonly time: number
}

/** Found in about one event of a hundred thousand. */
export const rareWord = 'quokka'
const rareEvery = 100_003

export const firstTime = Date.parse('2026-01-05T00:00:00Z')
/** Mean distance of two events, milliseconds: a million of them fill about a day and a half. */
export const eventEveryMs = 120
export const initiators = 1_000
const keys = 20_000

interface Kind {
  readonly action: ActionName
  /** Share of all events, out of a hundred. */
  readonly share: number
}

const kinds: readonly Kind[] = [
  { action: 'hs-crypto.secrets.wrap', share: 42 },
  { action: 'hs-crypto.secrets.unwrap', share: 34 },
  { action: 'hs-crypto.secrets.read', share: 12 },
  { action: 'hs-crypto.secrets.create', share: 6 },
  { action: 'hs-crypto.secrets.list', share: 4 },
  { action: 'hs-crypto.secrets.delete', share: 2 },
]

const account = '0123456789abcdef0123456789abcdef'
const location = 'us-south'
const agents = ['ibm-key-protect-node-sdk/0.1.2', 'terraform-provider-ibm/1.62.0', 'python-requests/2.31.0']

/** Account and location of a generated log, for its folder and its origin. */
export const generatedPlace = { account, location }

export function* generatedEvents(count: number, seed = 20260105): Generator<GeneratedEvent> {
  const random = seededRandom(seed)
  const instances = Array.from({ length: 4 }, () => uuid(random, firstTime))
  const keyIds = Array.from({ length: keys }, () => uuid(random, firstTime))
  const people = Array.from({ length: initiators }, () => initiatorName(uuid(random, firstTime)))
  const producer = uuid(random, firstTime)
  let time = firstTime
  for (let sequence = 1; sequence <= count; sequence++) {
    time += wholeBelow(random, 2 * eventEveryMs)
    const action = kindOf(random)
    const instance = instances[wholeBelow(random, instances.length)] as string
    const key = keyIds[wholeBelow(random, keys)] as string
    // Few identities make most of the calls.
    const who = Math.floor(random() ** 3 * initiators)
    const isRefused = random() < 0.03
    const scope = `crn:v1:keywitness:public:hs-crypto:${location}:a/${account}:${instance}`
    const name = sequence % rareEvery === 5_000 ? `backup of the ${rareWord}` : `key ${key.slice(-6)}`
    const event = buildEvent<ActionName>(
      {
        action,
        outcome: isRefused ? 'failure' : 'success',
        reason: isRefused ? { code: 409, forFailure: 'The key is not active.' } : { code: 200 },
        initiator: {
          id: people[who] as string,
          name: `service ${who}`,
          typeURI: 'service/security/account/serviceid',
          credential: { type: 'apikey' },
          host: { address: `10.${who % 250}.${wholeBelow(random, 250)}.7`, agent: agents[who % agents.length] },
        },
        target: { id: `${scope}:key:${key}`, name },
        correlationId: uuid(random, time),
        logSourceCRN: `${scope}::`,
        requestURI: `/api/v2/keys/${key}`,
        instanceID: instance,
      },
      { id: uuid(random, time), time, serviceName: 'Keywitness' },
    )
    yield { bytes: entryBytes(event, { id: producer, epoch: 1 }, sequence), producer, epoch: 1, sequence, time }
  }
}

/** The `initiator.id` of the n-th identity; 0 is the busiest. */
export function initiatorOf(n: number, seed = 20260105): string {
  const random = seededRandom(seed)
  for (let i = 0; i < 4 + keys; i++) uuid(random, firstTime)
  for (let i = 0; i < n; i++) uuid(random, firstTime)
  return initiatorName(uuid(random, firstTime))
}

function initiatorName(id: string): string {
  return `iam-ServiceId-${id}`
}

function kindOf(random: Random): ActionName {
  let left = random() * 100
  for (const { action, share } of kinds) {
    left -= share
    if (left < 0) return action
  }
  return 'hs-crypto.secrets.wrap'
}

function uuid(random: Random, time: number): string {
  return uuidv7(
    time,
    Uint8Array.from({ length: 10 }, () => wholeBelow(random, 256)),
  )
}
