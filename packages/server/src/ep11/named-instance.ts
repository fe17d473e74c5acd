/** Which instance a call is about: what its metadata or the host it was sent to names (reference grep11, section 14.2). */
import type { Caller } from '../caller.ts'
import { Refusal } from '../errors.ts'
import type { Instance } from '../instances/instance.ts'
import type { Instances } from '../instances/instances.ts'

/** Where a call may name its instance. */
export interface InstanceNames {
  /** Metadata `bluemix-instance`: clients of the first generation. */
  readonly metadata: string | undefined
  /** `:authority`: its first label may be a GUID. */
  readonly authority: string | undefined
  /** The name that TLS was asked for. */
  readonly servername: string | undefined
}

const guidPattern = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/

/**
 * The one GUID that is named; undefined when none is. A `bluemix-instance` that is no GUID is one that nobody has.
 * @throws Refusal `EP11_INSTANCE_CONFLICT` when two are
 */
function namedGuid({ metadata, authority, servername }: InstanceNames): string | undefined {
  const named = new Set<string>()
  if (metadata !== undefined && metadata !== '') named.add(metadata.toLowerCase())
  for (const host of [authority, servername]) {
    const label = host?.split('.', 1)[0]?.toLowerCase() ?? ''
    if (guidPattern.test(label)) named.add(label)
  }
  if (named.size > 1) throw new Refusal('EP11_INSTANCE_CONFLICT')
  const [guid] = named
  return guid
}

/**
 * The instance of the call, if it is one of the caller's account: the named one, or the account's first.
 * @throws Refusal `EP11_INSTANCE_CONFLICT`, and `EP11_UNAUTHORIZED` alike for what does not exist and what is another's
 */
export function instanceOf(
  names: InstanceNames,
  { account }: Caller,
  instances: Pick<Instances, 'find' | 'oldest'>,
): Instance {
  const guid = namedGuid(names)
  const found =
    guid === undefined ? instances.oldest(account) : guidPattern.test(guid) ? instances.find(guid) : undefined
  if (found?.account !== account) throw new Refusal('EP11_UNAUTHORIZED')
  return found
}

/** A GUID as an event may carry it, whoever's it is; undefined for none, or two. */
export function tellableGuid(names: InstanceNames): string | undefined {
  try {
    const guid = namedGuid(names)
    return guid !== undefined && guidPattern.test(guid) ? guid : undefined
  } catch {
    return undefined
  }
}
