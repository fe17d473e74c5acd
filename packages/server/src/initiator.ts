/** A caller as an event's initiator (design 4; reference: audit-platform.md 1.5). */
import { isIP } from 'node:net'
import { type EventFacts, type ActionName, initiatorTypes } from '@keywitness/cadf'
import type { Caller } from './caller.ts'

/** The address is left out for what came through a private listener and for certificates. */
export function initiatorOf(caller: Caller): EventFacts<ActionName>['initiator'] {
  const { id, name, kind, credential, agent } = caller
  const address = caller.isPrivate || kind === 'certificate' ? undefined : bareAddress(caller.address)
  return { id, name, typeURI: initiatorTypes[kind], credential: { type: credential }, host: { address, agent } }
}

/**
 * The address without a port. What a trusted proxy forwards is not always one (`unknown`, a name): it is left out, for a
 * call must not become unrecordable by what a header says.
 */
function bareAddress(given: string | undefined): string | undefined {
  if (given === undefined || isIP(given) !== 0) return given
  const address = /^\[(.+)\](?::\d+)?$/.exec(given)?.[1] ?? /^([\d.]+):\d+$/.exec(given)?.[1]
  return address !== undefined && isIP(address) !== 0 ? address : undefined
}
