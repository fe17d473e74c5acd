/** `instance-allowed-ip-port.read`: where to connect on the private network while only some addresses are allowed. */
import type { Operation } from '../audit.ts'
import type { KeyCall } from '../keys/parts.ts'
import type { PolicyParts } from './parts.ts'

/** The port; undefined while no such policy is on. */
export function readAllowedIpPort(
  call: KeyCall,
  parts: PolicyParts,
): Operation<'hs-crypto.instance-allowed-ip-port.read', number | undefined> {
  return () => {
    const { caller, instance } = call
    parts.access.requireInstance(caller, instance, 'allowed-ip-port')
    const isOn = parts.policies.find(instance.guid, 'allowedIP')?.enabled === true
    return { result: isOn ? parts.privatePort() : undefined, code: 200 }
  }
}
