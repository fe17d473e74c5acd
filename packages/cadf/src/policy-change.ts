/**
 * Whether an event that changes a policy or a setting makes it looser or stricter.
 *
 * Both sides of a policy off: nothing changed. One side off: switching on is stricter, switching off is looser. Both on:
 * their attributes are compared. What cannot be compared, because a side is missing or of an odd shape, is `other`, and a
 * list of addresses too long to stand in the event is looser: else who widens it could hide that by padding it.
 */
import { addressSet, covers } from './address-set.ts'
import { catalogue, namesFor } from './catalogue.ts'

/** `other`: neither, or nobody can tell. */
export type PolicyChange = 'looser' | 'stricter' | 'other'

/** What is looked at of an event; imported ones may have anything there. */
interface ChangeEvent {
  readonly action?: unknown
  readonly outcome?: unknown
  readonly requestData?: unknown
  readonly responseData?: unknown
}

type Values = { readonly [name: string]: unknown }

/** The values of one event, before and after; empty where it has none. */
interface Sides {
  readonly before: Values
  readonly after: Values
}

type Setting = (sides: Sides) => PolicyChange | undefined

/**
 * The direction of an event's change; of several the loosest counts. Undefined for events that change no policy or
 * setting: other actions, and what was refused.
 */
export function policyChange(event: ChangeEvent): PolicyChange | undefined {
  if (typeof event.action !== 'string' || event.outcome === 'failure') return undefined
  const settings = settingsOf.get(event.action)
  if (settings === undefined) return undefined
  const sides = sidesOf(event)
  return loosest(settings.map((setting) => setting(sides)))
}

function loosest(changes: readonly (PolicyChange | undefined)[]): PolicyChange | undefined {
  return (['looser', 'stricter', 'other'] as const).find((change) => changes.includes(change))
}

/** A policy that is on or off, and compares its attributes while it is on. */
function policy(enabled: string, attributes: readonly string[], compare: Setting): Setting {
  return ({ before, after }) => {
    const isThere = [enabled, ...attributes].some((name) => name in before || name in after)
    if (!isThere) return undefined
    const was = flagOf(before[enabled])
    const is = flagOf(after[enabled])
    if (was === undefined && is === undefined) return compare({ before, after }) ?? 'other'
    if (was === undefined || is === undefined) return 'other'
    if (was !== is) return is ? 'stricter' : 'looser'
    return was ? (compare({ before, after }) ?? 'other') : 'other'
  }
}

/** A value whose growth has a meaning; undefined where neither side has it. */
function ordered(
  name: string,
  bigger: 'looser' | 'stricter',
  numberOf: (value: unknown) => number | undefined,
): Setting {
  const smaller = bigger === 'looser' ? 'stricter' : 'looser'
  return ({ before, after }) => {
    if (!(name in before) && !(name in after)) return undefined
    const was = numberOf(before[name])
    const is = numberOf(after[name])
    if (was === undefined || is === undefined || was === is) return 'other'
    return is > was ? bigger : smaller
  }
}

/** Several values of one policy: looser if one of them is. */
function each(...settings: readonly Setting[]): Setting {
  return (sides) => loosest(settings.map((setting) => setting(sides)))
}

/** A public network weighs more than a private one: `public-only` lies between `private-only` and both. */
const networks = ['private-only', 'public-only', 'public-and-private']
const networkOf = (value: unknown): number | undefined => {
  const rank = networks.indexOf(String(value))
  return rank === -1 ? undefined : rank
}

const addresses: Setting = ({ before, after }) => {
  const was = before['policyAllowedIPAttribute']
  const is = after['policyAllowedIPAttribute']
  if (isDigest(was) || isDigest(is))
    return isDigest(was) && isDigest(is) && was.sha256 === is.sha256 ? 'other' : 'looser'
  if (!Array.isArray(was) || !Array.isArray(is)) return 'other'
  const old = addressSet(was)
  const now = addressSet(is)
  if (old === undefined || now === undefined) return 'other'
  if (!covers(old, now)) return 'looser'
  return covers(now, old) ? 'other' : 'stricter'
}

const flagNumber = (value: unknown): number | undefined => {
  const flag = flagOf(value)
  return flag === undefined ? undefined : Number(flag)
}

const dualAuthorization = policy('policyDualAuthDeleteEnabled', [], () => undefined)
const rotation = policy(
  'policyRotationEnabled',
  ['policyRotationIntervalMonth'],
  ordered('policyRotationIntervalMonth', 'looser', integerOf),
)
const instancePolicies: readonly Setting[] = [
  policy(
    'policyAllowedNetworkEnabled',
    ['policyAllowedNetworkAttribute'],
    ordered('policyAllowedNetworkAttribute', 'looser', networkOf),
  ),
  policy('policyAllowedIPEnabled', ['policyAllowedIPAttribute'], addresses),
  dualAuthorization,
  policy(
    'PolicyKCIAEnabled',
    ['CRK', 'CSK', 'IRK', 'ISK', 'ET'].map((name) => `PolicyKCIAAttr${name}`),
    each(
      ...['CRK', 'CSK', 'IRK', 'ISK'].map((name) => ordered(`PolicyKCIAAttr${name}`, 'looser', flagNumber)),
      ordered('PolicyKCIAAttrET', 'stricter', flagNumber),
    ),
  ),
  rotation,
  // Metrics tell numbers of events, and protect nothing.
  ({ before, after }) => ('policyMetricsEnabled' in before || 'policyMetricsEnabled' in after ? 'other' : undefined),
]

/** Signatures below which one person alone commands a crypto unit. */
const signaturesMin = 2

/** Older events, and imported ones, have no values from before: then only too low a threshold can be told. */
function threshold(name: string): Setting {
  const compare = ordered(name, 'stricter', integerOf)
  return (sides) => {
    const is = integerOf(sides.after[name])
    return is !== undefined && is < signaturesMin ? 'looser' : compare(sides)
  }
}

/** 0 days are for ever. */
const daysOf = (value: unknown): number | undefined => (value === 0 ? Number.POSITIVE_INFINITY : integerOf(value))

/** Whether who it is about may do something: an identity or an API key. */
const activity = ordered('state', 'looser', (value) => (value === 'active' ? 1 : value === 'disabled' ? 0 : undefined))

/** Whether a rule watches the trail. */
const watching = ordered('ruleEnabled', 'stricter', flagNumber)

/** Events with values of before and after that no direction is known of. */
const anyChange: Setting = ({ before, after }) =>
  Object.keys(before).length > 0 && Object.keys(after).length > 0 ? 'other' : undefined

const settings: { readonly [action: string]: readonly Setting[] } = {
  'hs-crypto.instance-policies.write': instancePolicies,
  'hs-crypto.policies.write': [dualAuthorization, rotation],
  'hs-crypto.tke-cryptounit-threshold.set': [
    threshold('signatureThreshold'),
    threshold('revocationSignatureThreshold'),
  ],
  'hs-crypto.mtlscert-cert.set': [ordered('mtlsEnabled', 'stricter', flagNumber)],
  'hs-crypto.mtlscert-cert.delete': [ordered('mtlsEnabled', 'stricter', flagNumber)],
  'hs-crypto.mtlscert-admin-key.update': [anyChange],
  'iam-identity.user.update': [activity],
  'iam-identity.serviceid.update': [activity],
  'iam-identity.apikey.update': [activity],
  'activity-tracker.retention.update': [ordered('retentionDays', 'stricter', daysOf)],
  // An obligation to keep events ends.
  'activity-tracker.hold.release': [({ after }) => (after['state'] === 'released' ? 'looser' : 'other')],
  'activity-tracker.rule.update': [anyChange],
  'activity-tracker.rule.enable': [watching],
  'activity-tracker.rule.disable': [watching],
  'activity-tracker.rule.suspend': [watching],
  'activity-tracker.calendar.update': [anyChange],
  'activity-tracker.channel.update': [anyChange],
}

const settingsOf: ReadonlyMap<string, readonly Setting[]> = new Map(
  Object.entries(settings).flatMap(([action, list]) => namesFor(action).map((name) => [name, list] as const)),
)

/** The actions whose events may have a direction, by current and former names; no other event has one. */
export const changeActions: readonly string[] = [...settingsOf.keys()]

/** Values of before and after, from wherever the event has them. */
function sidesOf({ action, requestData, responseData }: ChangeEvent): Sides {
  const request = objectOf(requestData)
  const response = objectOf(responseData)
  const side = (name: string): Values => ({ ...objectOf(request[name]), ...objectOf(response[name]) })
  const sides = { before: side('initialValue'), after: side('newValue') }
  if (catalogue.entry(String(action))?.family !== 'tke') return sides
  // The seed's own fields: what was asked for, and what was then set.
  return { ...sides, after: { ...request, ...response } }
}

function objectOf(value: unknown): Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : {}
}

/** Some producers write flags as texts. */
function flagOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  return value === 'true' ? true : value === 'false' ? false : undefined
}

function integerOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
}

function isDigest(value: unknown): value is { readonly sha256: string } {
  return typeof objectOf(value)['sha256'] === 'string'
}
