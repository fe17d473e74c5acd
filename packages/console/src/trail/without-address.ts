/** Why an event has no address: the panel says it where an address would stand. */
import type { ActivityEvent } from '@keywitness/cadf'
import { serviceItself } from '../api/service-itself.ts'

const ofKmipClients = /^hs-crypto\.kmip-key(?:-attributes)?\./

/** `kmip`: of this kind of initiator none is recorded, whatever network it came over. */
export function withoutAddress({
  action,
  initiator,
  requestData,
}: Pick<ActivityEvent, 'action' | 'initiator' | 'requestData'>): 'kmip' | 'itself' | 'private' {
  if (initiator.id === serviceItself) return 'itself'
  return ofKmipClients.test(action) || requestData['protocol'] === 'KMIP' ? 'kmip' : 'private'
}
