/** Policies of an instance: what holds while one was never set, what each means, and whom a change would shut out. */
import { addressSet, covers } from '@keywitness/cadf'
import type { PolicyKind, PolicyValue, SetPolicy } from '../api/instance-policies-api.ts'

/** As the page shows them. */
export const policyKinds = [
  'dualAuthDelete',
  'rotation',
  'keyCreateImportAccess',
  'allowedNetwork',
  'allowedIP',
  'metrics',
] as const satisfies readonly PolicyKind[]

export const accessFlags = [
  'create_root_key',
  'create_standard_key',
  'import_root_key',
  'import_standard_key',
  'enforce_token',
] as const

const openAccess = {
  create_root_key: true,
  create_standard_key: true,
  import_root_key: true,
  import_standard_key: true,
  enforce_token: false,
}

/** What holds for an instance that was never given the policy. */
export const unset: { readonly [Kind in PolicyKind]: PolicyValue<Kind> } = {
  dualAuthDelete: { kind: 'dualAuthDelete', isOn: false, attributes: {} },
  rotation: { kind: 'rotation', isOn: false, attributes: {} },
  keyCreateImportAccess: { kind: 'keyCreateImportAccess', isOn: false, attributes: openAccess },
  allowedNetwork: { kind: 'allowedNetwork', isOn: false, attributes: { allowed_network: 'public-and-private' } },
  allowedIP: { kind: 'allowedIP', isOn: false, attributes: { allowed_ip: [] } },
  metrics: { kind: 'metrics', isOn: false, attributes: {} },
}

export function policyIn(policies: readonly SetPolicy[], kind: PolicyKind): PolicyValue {
  return policies.find(({ value }) => value.kind === kind)?.value ?? unset[kind]
}

/** One thing that a policy decides, as it is in force: a policy that is off leaves what holds without it. */
export type Effect =
  | { readonly name: 'needsTwo' | 'metrics' | (typeof accessFlags)[number]; readonly is: boolean }
  /** Months; null: none by policy. */
  | { readonly name: 'rotation'; readonly is: number | null }
  | { readonly name: 'network'; readonly is: 'public-and-private' | 'private-only' }
  /** Blocks; null: every address. */
  | { readonly name: 'addresses'; readonly is: readonly string[] | null }

export function effectsOf(policy: PolicyValue): readonly Effect[] {
  switch (policy.kind) {
    case 'dualAuthDelete':
      return [{ name: 'needsTwo', is: policy.isOn }]
    case 'metrics':
      return [{ name: 'metrics', is: policy.isOn }]
    case 'rotation':
      return [{ name: 'rotation', is: (policy.isOn ? policy.attributes.interval_month : undefined) ?? null }]
    case 'keyCreateImportAccess': {
      const allowed = policy.isOn ? policy.attributes : openAccess
      return accessFlags.map((name) => ({ name, is: allowed[name] }))
    }
    case 'allowedNetwork':
      return [{ name: 'network', is: policy.isOn ? policy.attributes.allowed_network : 'public-and-private' }]
    case 'allowedIP':
      return [{ name: 'addresses', is: policy.isOn ? policy.attributes.allowed_ip : null }]
  }
}

/** What is one thing now and another then. */
export interface EffectChange {
  readonly before: Effect
  readonly after: Effect
}

/** Of two values of one policy. */
export function changesBetween(before: PolicyValue, after: PolicyValue): readonly EffectChange[] {
  const then = effectsOf(after)
  return effectsOf(before).flatMap((effect) => {
    const changed = then.find(({ name }) => name === effect.name)
    if (changed === undefined || String(changed.is) === String(effect.is)) return []
    return [{ before: effect, after: changed }]
  })
}

/** Of a change of a list: what comes and what goes; of anything else, nothing. */
export function listChange({ before, after }: EffectChange): Readonly<Record<'added' | 'removed', readonly string[]>> {
  if (!Array.isArray(before.is) || !Array.isArray(after.is)) return { added: [], removed: [] }
  const [old, next] = [before.is as readonly string[], after.is as readonly string[]]
  return {
    added: next.filter((item) => !old.includes(item)),
    removed: old.filter((item) => !next.includes(item)),
  }
}

/** From where the console's calls come, by the word of their events; no address: by the private network, or unknown. */
export interface Here {
  readonly address: string | undefined
}

/** Whether a change shuts out who makes it, who could then not take it back either. @param here undefined: not known */
export function shutsOut(after: PolicyValue, here: Here | undefined): 'no' | 'surely' | 'perhaps' {
  if (!after.isOn) return 'no'
  if (after.kind === 'allowedNetwork') {
    if (after.attributes.allowed_network === 'public-and-private') return 'no'
    return here?.address === undefined ? 'perhaps' : 'surely'
  }
  if (after.kind !== 'allowedIP') return 'no'
  const allowed = addressSet(after.attributes.allowed_ip)
  // A zone says nothing about where an address is.
  const mine = here?.address === undefined ? undefined : addressSet([here.address.replace(/%.*$/, '')])
  if (allowed === undefined || mine === undefined) return 'perhaps'
  return covers(allowed, mine) ? 'no' : 'surely'
}

/** Whether a text is a CIDR block that the server takes. */
export function isBlock(text: string): boolean {
  return text.includes('/') && addressSet([text]) !== undefined
}

/** Nobody could make a key any more, in no way. */
export function endsCreation(after: PolicyValue): boolean {
  if (after.kind !== 'keyCreateImportAccess' || !after.isOn) return false
  const { enforce_token: _token, ...ways } = after.attributes
  return Object.values(ways).every((isAllowed) => !isAllowed)
}
