/** `registrations.write` and `registrations.merge`: a service replaces what it said of a resource, or parts of it. */
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import type { KeyRow } from '../keys/key-row.ts'
import {
  admitService,
  ownRegistration,
  registrableKey,
  type RegistrationCall,
  type RegistrationParts,
  type SeenRegistration,
} from './admit.ts'
import type { Registered, RegistrationWish } from './create.ts'
import { etagOf, type Registration, replaceRegistration, touchKey } from './registration-row.ts'
import { versionOf } from './version.ts'

export interface WriteWish extends RegistrationWish {
  /** The key version that protects the resource now: not older than the registered one. */
  readonly version: string | undefined
}

/** All members at once: those not given become empty. */
export function writeRegistration(
  call: RegistrationCall,
  ifMatch: string | undefined,
  wish: () => WriteWish,
  parts: RegistrationParts,
): Operation<'hs-crypto.registrations.write', Registered> {
  return (seen) =>
    change(call, ifMatch, seen, parts, wish, (wanted) => ({
      description: wanted.description ?? null,
      metadata: wanted.metadata ?? null,
      preventsDeletion: wanted.preventsDeletion === true ? 1 : 0,
    }))
}

/** Only the members given. */
export function mergeRegistration(
  call: RegistrationCall,
  ifMatch: string | undefined,
  wish: () => WriteWish,
  parts: RegistrationParts,
): Operation<'hs-crypto.registrations.merge', Registered> {
  return (seen) =>
    change(call, ifMatch, seen, parts, wish, ({ description, metadata, preventsDeletion }) => ({
      ...(description === undefined ? {} : { description }),
      ...(metadata === undefined ? {} : { metadata }),
      ...(preventsDeletion === undefined ? {} : { preventsDeletion: preventsDeletion ? 1 : 0 }),
    }))
}

function change(
  call: RegistrationCall,
  ifMatch: string | undefined,
  seen: SeenRegistration,
  parts: RegistrationParts,
  wish: () => WriteWish,
  changed: (wanted: WriteWish) => Partial<Pick<Registration, 'description' | 'metadata' | 'preventsDeletion'>>,
) {
  const { found, crn } = admitService(call, seen, parts)
  const wanted = wish()
  const said = changed(wanted)
  if (said.preventsDeletion !== undefined) seen.request.preventKeyDeletion = said.preventsDeletion === 1
  const now = parts.clock.now()
  const key = registrableKey(call, found, now)
  const before = ownRegistration(call, key, crn, parts)
  requireMatch(ifMatch, before)
  const after: Registration = {
    ...before,
    ...said,
    ...newerVersion(key, before, wanted.version, parts),
    revision: before.revision + 1,
    owner: call.caller.id,
    updatedAt: now,
    updatedBy: call.caller.id,
  }
  return {
    result: { row: after, keyName: key.name },
    code: 200,
    changes: [touchKey(key), replaceRegistration(before, after)],
  }
}

/** @throws Refusal `KEY_VERSION_INVALID` */
function newerVersion(
  key: KeyRow,
  before: Registration,
  wanted: string | undefined,
  parts: RegistrationParts,
): Pick<Registration, 'version' | 'versionAt'> | undefined {
  if (wanted === undefined || wanted === before.version) return undefined
  const version = versionOf(key, wanted, parts.keys)
  const isNewer = version !== undefined && version.createdAt >= before.versionAt
  if (!isNewer) throw new Refusal('KEY_VERSION_INVALID')
  return { version: version.id, versionAt: version.createdAt }
}

/**
 * RFC 9110, section 13.1.1, with weak comparison; `*` matches what there is.
 * @throws Refusal `PRECONDITION_FAILED`
 */
function requireMatch(ifMatch: string | undefined, row: Registration): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '')
  const wanted = opaque(etagOf(row))
  if (!ifMatch.split(',').some((tag) => opaque(tag) === wanted)) throw new Refusal('PRECONDITION_FAILED')
}
