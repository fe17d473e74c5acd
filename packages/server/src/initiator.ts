/** A caller as an event's initiator (design 4; reference: audit-platform.md 1.5). */
import { isIPv6 } from 'node:net'
import { type EventFacts, type ActionName, initiatorTypes } from '@keywitness/cadf'
import type { Caller } from './caller.ts'

/** Address and address type are left out for what came through a private listener and for certificates. */
export function initiatorOf(caller: Caller): EventFacts<ActionName>['initiator'] {
  const host: { address?: string; addressType?: 'IPv4' | 'IPv6'; agent?: string } = {}
  if (caller.address !== undefined && !caller.isPrivate && caller.kind !== 'certificate') {
    host.address = caller.address
    host.addressType = isIPv6(caller.address) ? 'IPv6' : 'IPv4'
  }
  if (caller.agent !== undefined) host.agent = caller.agent
  return {
    id: caller.id,
    name: caller.name,
    typeURI: initiatorTypes[caller.kind],
    credential: { type: caller.credential },
    ...(host.address === undefined && host.agent === undefined ? {} : { host }),
  }
}
