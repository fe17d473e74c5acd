/** `governance-config.read`: how the instances and keys of an account are configured, a page at a time. */
import type { Operation } from '../audit.ts'
import type { Caller } from '../caller.ts'
import type { Clock } from '../clock.ts'
import { Refusal } from '../errors.ts'
import type { Access } from '../iam/roles.ts'
import { type Instance, resourceCrn } from '../instances/instance.ts'
import { type Instances, instancesMax } from '../instances/instances.ts'
import type { KeyStore } from '../keys/store.ts'
import type { PoliciesInForce } from '../policies/in-force.ts'
import type { InstancePolicyStore } from '../policies/instance-policy.ts'
import { type ConfigProperty, configOfInstance, configOfKey } from './current-config.ts'
import type { ConfigsWish } from './query.ts'

export interface GovernanceParts {
  readonly access: Pick<Access, 'requireInstance'>
  readonly instances: Pick<Instances, 'list'>
  readonly keys: Pick<KeyStore, 'list' | 'count'>
  readonly instancePolicies: InstancePolicyStore
  readonly policies: Pick<PoliciesInForce, 'keyPolicies' | 'rulesOf'>
  readonly clock: Pick<Clock, 'now'>
}

/** One instance or key and how it is configured. */
export interface ConfigState {
  readonly crn: string
  readonly instance: Instance
  /** Id of the instance or key. */
  readonly id: string
  readonly config: readonly ConfigProperty[]
}

export interface Configs {
  readonly wish: ConfigsWish
  readonly states: readonly ConfigState[]
  /** Whether there is more after this page. */
  readonly hasMore: boolean
  /** Milliseconds since the epoch. */
  readonly readAt: number
}

/** Who asks, and from where: network policies decide too. */
export interface GovernanceCall {
  readonly caller: Caller
  readonly address: string
}

/**
 * Shows what the caller manages and leaves out what it does not; a caller that manages nothing is refused, as is one who
 * asks about another account or about an instance that it does not manage, whether or not that exists.
 */
export function readConfigs(
  call: GovernanceCall,
  wish: () => ConfigsWish,
  parts: GovernanceParts,
): Operation<'hs-crypto.governance-config.read', Configs> {
  return (seen) => {
    const { caller } = call
    const managed = managedBy(call, parts)
    if (managed.length === 0) throw new Refusal('UNAUTHORIZED_ERR')
    const wanted = wish()
    seen.request.resourceKind = wanted.kind
    if (wanted.account !== undefined && wanted.account.toLowerCase() !== caller.account) {
      throw new Refusal('UNAUTHORIZED_ERR')
    }
    const asked = managed.filter(({ crn }) => wanted.instanceCrn === undefined || crn === wanted.instanceCrn)
    if (asked.length === 0) throw new Refusal('UNAUTHORIZED_ERR')
    const chosen = asked.filter(
      ({ resourceGroup }) => wanted.resourceGroup === undefined || resourceGroup === wanted.resourceGroup,
    )
    const readAt = parts.clock.now()
    // One more than the page, to learn whether there is one after it.
    const window = { offset: wanted.offset, limit: wanted.limit + 1 }
    const found =
      wanted.kind === 'instance' ? instanceStates(chosen, window, parts) : keyStates(chosen, window, readAt, parts)
    const states = found.slice(0, wanted.limit)
    seen.response.totalResources = states.length
    return { result: { wish: wanted, states, hasMore: found.length > wanted.limit, readAt }, code: 200 }
  }
}

/** An instance that takes no requests from where this one comes is left out like one that the caller does not manage. */
function managedBy({ caller, address }: GovernanceCall, { instances, access, policies }: GovernanceParts): Instance[] {
  return instances.list(caller.account, '', instancesMax).filter((instance) => {
    try {
      access.requireInstance(caller, instance, 'instance-policies')
      const rules = policies.rulesOf(instance.guid)
      rules.requireNetwork({ isPrivate: caller.isPrivate, address })
      rules.requireAddress({ isPrivate: caller.isPrivate, address })
      return true
    } catch (error) {
      if (error instanceof Refusal) return false
      throw error
    }
  })
}

interface Window {
  readonly offset: number
  readonly limit: number
}

function instanceStates(instances: readonly Instance[], { offset, limit }: Window, parts: GovernanceParts) {
  return instances.slice(offset, offset + limit).map((instance): ConfigState => {
    const config = configOfInstance(instance.guid, parts.instancePolicies)
    return { crn: instance.crn, instance, id: instance.guid, config }
  })
}

/** Keys that are not destroyed, instance after instance, each in the order of its ids. */
function keyStates(instances: readonly Instance[], window: Window, now: number, parts: GovernanceParts) {
  const found: ConfigState[] = []
  let { offset } = window
  for (const instance of instances) {
    if (found.length >= window.limit) break
    const selection = {
      instance: instance.guid,
      states: new Set([0, 1, 2, 3] as const),
      extractable: undefined,
      rings: 'all',
      now,
    } as const
    const limit = window.limit - found.length
    const rows = parts.keys.list(selection, { limit, offset, sort: [] })
    offset = rows.length > 0 ? 0 : Math.max(0, offset - parts.keys.count(selection))
    for (const key of rows) {
      const config = configOfKey(key, parts.policies.keyPolicies(instance.guid, key.id), now)
      found.push({ crn: resourceCrn(instance, 'key', key.id), instance, id: key.id, config })
    }
  }
  return found
}
