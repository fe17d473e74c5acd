/** Deliveries for tests: made from a seed, the same every time. */
import { type ActivityEvent, entryBytes, formatEventTime, uuidv7 } from '@keywitness/cadf'
import type { Delivery } from '../api.ts'

export const producerA = '0b6c0e5e-7b1c-4a3e-9a52-1f1c2d3e4f50'
export const producerB = '5b0f7f0c-2f0e-4d0d-8d8e-6a7d3a1c9b21'
export const sampleTime = Date.UTC(2025, 5, 19, 12, 0, 0)

const account = 'a1b2c3d4e5f60718293a4b5c6d7e8f90'
const actions = ['create', 'read', 'wrap', 'unwrap', 'rotate', 'delete'] as const

/** What varies between sample events; what is left out follows from the number. */
export interface Sample {
  readonly producer?: string
  readonly epoch?: number
  /** Milliseconds since the epoch. */
  readonly time?: number
  readonly action?: string
  readonly failed?: boolean
  readonly initiator?: string
  readonly name?: string
  readonly key?: string
  readonly instance?: string
}

/** The event of one number. */
export function sampleEvent(sequence: number, sample: Sample = {}): ActivityEvent {
  const { producer = producerA, time = sampleTime + sequence * 1_000, failed = sequence % 7 === 0 } = sample
  const action = sample.action ?? `hs-crypto.secrets.${actions[sequence % actions.length]}`
  const key = sample.key ?? uuidOf('key', sequence % 5)
  const instance = sample.instance ?? uuidOf('instance', sequence % 2)
  const scope = `crn:v1:keywitness:public:hs-crypto:us-south:a/${account}:${instance}`
  const random = Buffer.from(uuidOf(producer, sequence).replaceAll('-', ''), 'hex').subarray(0, 10)
  return {
    id: uuidv7(time, random),
    typeURI: 'http://schemas.dmtf.org/cloud/audit/1.0/event',
    eventType: 'activity',
    eventTime: formatEventTime(time),
    action,
    outcome: failed ? 'failure' : 'success',
    message: `Keywitness: ${action.split('.').at(-1)} secret ${sample.name ?? `billing-${sequence % 5}`}${failed ? ' -failure' : ''}`,
    severity: failed ? 'critical' : 'normal',
    dataEvent: true,
    correlationId: uuidOf('correlation', sequence),
    initiator: {
      id: sample.initiator ?? `IBMid-${sequence % 3}`,
      name: `user${sequence % 3}@example.com`,
      typeURI: 'service/security/account/user',
      credential: { type: 'apikey' },
      host: { address: '192.0.2.7', addressType: 'IPv4', agent: 'sample/1.0' },
    },
    target: { id: `${scope}:key:${key}`, name: sample.name ?? `billing-${sequence % 5}`, typeURI: 'hs-crypto/secrets' },
    observer: { name: 'ActivityTracker' },
    reason: failed ? { reasonCode: 403, reasonType: 'Forbidden' } : { reasonCode: 200, reasonType: 'OK' },
    requestData: { instanceID: instance, requestURI: `/api/v2/keys/${key}` },
    responseData: { keyVersionId: uuidOf('version', sequence) },
    logSourceCRN: `${scope}::`,
    saveServiceCopy: true,
  }
}

/** Deliveries made before, of samples that say no more than their producer: tests make the same ones many times. */
const made = new Map<string, Delivery>()

/** The delivery of one number. */
export function delivery(sequence: number, sample: Sample = {}): Delivery {
  const { producer = producerA, epoch = 1 } = sample
  const isPlain = Object.keys(sample).every((member) => member === 'producer')
  if (!isPlain) return make(sequence, producer, epoch, sample)
  const name = `${producer} ${sequence}`
  const known = made.get(name) ?? make(sequence, producer, epoch, sample)
  made.set(name, known)
  return known
}

function make(sequence: number, producer: string, epoch: number, sample: Sample): Delivery {
  return {
    producer,
    epoch,
    sequence,
    bytes: entryBytes(sampleEvent(sequence, sample), { id: producer, epoch }, sequence),
    received: sampleTime,
  }
}

/** Deliveries of numbers `first` to `last`. */
export function deliveries(first: number, last: number, sample: Sample = {}): Delivery[] {
  return Array.from({ length: last - first + 1 }, (_, place) => delivery(first + place, sample))
}

/** A UUID that follows from a word and a number. */
export function uuidOf(word: string, number: number): string {
  let state = number + 1
  for (const unit of word) state = Math.imul(state ^ unit.charCodeAt(0), 0x01000193) >>> 0
  let hex = ''
  while (hex.length < 32) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    hex += (state >>> 16).toString(16).padStart(4, '0')
  }
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
