/** What the policy operations receive. */
import type { KeyParts } from '../keys/parts.ts'
import type { Reader } from '../store/store.ts'
import type { InstancePolicyStore } from './instance-policy.ts'

export interface PolicyParts extends Pick<KeyParts, 'access' | 'clock' | 'random' | 'keys'> {
  readonly reader: Reader
  readonly policies: InstancePolicyStore
  /** Port of the listener on the private network, once it listens. */
  readonly privatePort: () => number | undefined
}
