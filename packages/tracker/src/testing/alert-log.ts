/** Events and rules for tests of alerts: each says no more than its test needs. */
import { formatEventTime } from '@keywitness/cadf'
import { AlertSubject } from '../alert/alert-subject.ts'
import { Evaluation, type EvaluationOptions, type Firing } from '../alert/evaluation.ts'
import { parseRule } from '../alert/parse-rule.ts'
import type { Condition, Rule } from '../alert/rule.ts'
import { producerA } from './sample-entries.ts'

/** When the log of a test begins. */
export const alertStart = Date.UTC(2026, 10, 2, 9, 0, 0)
export const [minute, hour, day] = [60, 3_600, 86_400]

/** An event: when, in seconds since the beginning; what was done, without `hs-crypto.secrets.`; by whom, to which key. */
export interface Told {
  readonly at: number
  readonly action?: string
  readonly who?: string
  readonly key?: string
  readonly code?: number
  readonly address?: string
  readonly producer?: string
  /** Members of `requestData`. */
  readonly data?: { readonly [name: string]: unknown }
}

export function entryOf({ at, action = 'unwrap', who, key, code, address, producer = producerA, data }: Told): Buffer {
  const event = {
    action: action.includes('.') ? action : `hs-crypto.secrets.${action}`,
    eventTime: formatEventTime(alertStart + at * 1_000),
    initiator: {
      ...(who === undefined ? {} : { id: who }),
      ...(address === undefined ? {} : { host: { address } }),
    },
    reason: { reasonCode: code ?? 200 },
    requestData: data ?? {},
    responseData: key === undefined ? {} : { keyId: key },
  }
  return Buffer.from(JSON.stringify({ event, format: 'x', producer: `${producer}.1`, sequence: 1 }))
}

/** The entries of a log, from index 0 on. */
export function subjectsOf(told: readonly Told[], first = 0): AlertSubject[] {
  return told.map((one, place) => new AlertSubject(first + place, entryOf(one), 0))
}

/** So many events alike, one a second. */
export function burst(count: number, { at, ...more }: Told): Told[] {
  return Array.from({ length: count }, (_, place) => ({ ...more, at: at + place }))
}

export function ruleOf(when: Condition, more: Partial<Rule> = {}): Rule {
  const rest = { id: 'tried', name: 'Tried', description: '', remedy: '', severity: 'warning', groupBy: [] }
  return parseRule({ ...rest, when, ...more })
}

export const noOptions: EvaluationOptions = { calendars: new Map() }

/** What a rule says of a log. */
export function firingsOf(rule: Rule, told: readonly Told[], options = noOptions): Firing[] {
  const evaluation = new Evaluation(rule, options)
  return subjectsOf(told).flatMap((subject) => [...evaluation.see(subject)])
}

/** Which entries a rule fires at. */
export function triggersOf(rule: Rule, told: readonly Told[], options = noOptions): number[] {
  return firingsOf(rule, told, options).map(({ trigger }) => trigger)
}

/** Seconds since the beginning. */
export function secondsOf(time: number): number {
  return (time - alertStart) / 1_000
}
