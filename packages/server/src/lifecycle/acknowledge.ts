/** `secrets-event.ack`: an adopting service reports that it did its part of a lifecycle action, and how it stands now. */
import type { Operation } from '../audit.ts'
import type { Caller } from '../caller.ts'
import { Refusal } from '../errors.ts'
import { resourceCrn } from '../instances/instance.ts'
import { keyIdOf, noteSentRing } from '../keys/admit.ts'
import { formatDate } from '../keys/date.ts'
import type { KeyRow } from '../keys/key-row.ts'
import type { KeyCall, KeyParts } from '../keys/parts.ts'
import { badField } from '../keys/refusals.ts'
import { requireService } from '../registrations/admit.ts'
import { touchKey } from '../registrations/registration-row.ts'
import { versionOf } from '../registrations/version.ts'
import type { Change, Reader } from '../store/store.ts'
import { type LifecycleAction, type LifecycleActions, report } from './actions.ts'
import { type AdopterState, adopterStateFor, eventTypes } from './told.ts'

export interface AcknowledgeWish {
  readonly eventId: string
  readonly state: AdopterState
  /** When the service had done it, milliseconds since the epoch; undefined: now. */
  readonly at: number | undefined
  /** Key version the service's data keys are wrapped with now. */
  readonly version: string | undefined
  readonly deletesRegistration: boolean
  /** The one resource this is about; undefined: all that the service has registered with the key. */
  readonly crn: string | undefined
}

export interface AcknowledgeParts extends Pick<KeyParts, 'keys' | 'access' | 'clock'> {
  readonly reader: Reader
  readonly actions: LifecycleActions
  /** Ends the action, if this was the last that was missing. Must not throw. */
  readonly settle: (action: string, caller: Caller) => Promise<void>
}

/** A report is taken though it contradicts the key: the contradiction is the end of the action, with an event of its own. */
export function acknowledge(
  call: KeyCall,
  wish: () => AcknowledgeWish,
  parts: AcknowledgeParts,
): Operation<'hs-crypto.secrets-event.ack', undefined> {
  return (seen) => {
    noteSentRing(call, seen)
    const { actions, keys, access } = parts
    access.rings(call.caller, call.instance, 'registrations.change')
    requireService(call.caller)
    const wanted = wish()
    const action = actions.find(wanted.eventId)
    const all =
      action?.instance === call.instance.guid ? actions.acknowledgements(action.id, call.caller.id, wanted.crn) : []
    // Another service's event is as unknown as one that never was.
    if (action === undefined || all.length === 0) {
      throw new Refusal('NOT_FOUND', { message: 'There is no such event for this service.' })
    }
    seen.target = { id: resourceCrn(call.instance, 'key', action.key), name: action.keyName }
    const key = keys.find(call.instance.guid, keyIdOf(action.key))
    if (key !== undefined) access.requireInstance(call.caller, call.instance, 'registrations.change', key.ring)
    const now = parts.clock.now()
    const at = wanted.at ?? now
    seen.response['eventAckData.eventId'] = action.id
    seen.response['eventAckData.eventType'] = eventTypes[action.act]
    seen.response['eventAckData.keyState'] = wanted.state
    seen.response['eventAckData.eventAckTimeStamp'] = formatDate(at)

    const open = all.filter(({ state }) => state === 'pending')
    if (open.length === 0) {
      // Told twice, as whoever got no answer does.
      if (all.every(({ reported }) => reported === wanted.state)) return { result: undefined, code: 204 }
      throw new Refusal('ACKNOWLEDGEMENT_CLOSED')
    }
    if (action.state === 'overdue' || action.dueAt <= now) throw new Refusal('ACKNOWLEDGEMENT_CLOSED')
    const version = wanted.state === 'DEK_ENABLED' ? rewrappedVersion(wanted, key, parts) : undefined
    if (version !== undefined && action.act === 'rotate') seen.response['eventAckData.newKeyVersionId'] = version.id
    const isConflict = contradicts(action, wanted.state, version)
    const reported = { state: wanted.state, at, isConflict, ...(wanted.crn === undefined ? {} : { crn: wanted.crn }) }
    return {
      result: undefined,
      code: 204,
      changes: [
        ...report(action, open, reported),
        ...registrationChanges(call.caller.id, wanted, key, isConflict ? undefined : version, now, parts),
      ],
      settled: () => parts.settle(action.id, call.caller),
    }
  }
}

/** @throws Refusal `INVALID_FIELD_ERR` when it is missing, `KEY_VERSION_INVALID` when the key has none such */
function rewrappedVersion(wanted: AcknowledgeWish, key: KeyRow | undefined, parts: AcknowledgeParts) {
  if (wanted.version === undefined) {
    throw badField('rewrappedKeyVersion', 'With DEK_ENABLED, keyStateData names the key version that is used now.')
  }
  const version = key === undefined ? undefined : versionOf(key, wanted.version, parts.keys)
  if (version === undefined) throw new Refusal('KEY_VERSION_INVALID')
  return version
}

/** Another state than the action leaves the key in; after a rotation also a version from before it. */
function contradicts(
  action: LifecycleAction,
  state: AdopterState,
  version: { readonly id: string; readonly createdAt: number } | undefined,
): boolean {
  if (state !== adopterStateFor(action.keyState)) return true
  if (action.act !== 'rotate' || version === undefined) return false
  return version.id === action.oldVersion || version.createdAt < action.versionAt
}

const ownRegistrations = `SELECT count(*) AS total, coalesce(sum(version <> ?4 AND version_at <= ?5), 0) AS older
  FROM registrations WHERE instance = ?1 AND key = ?2 AND owner = ?3 AND (?6 IS NULL OR crn = ?6)`

/** The registrations follow: dropped at the service's wish, or moved to the version it uses now. */
function registrationChanges(
  owner: string,
  wanted: AcknowledgeWish,
  key: KeyRow | undefined,
  version: { readonly id: string; readonly createdAt: number } | undefined,
  now: number,
  parts: AcknowledgeParts,
): Change[] {
  if (key === undefined) return []
  const crn = wanted.crn ?? null
  const found = parts.reader.get<{ total: number; older: number }>(
    ownRegistrations,
    key.instance,
    key.id,
    owner,
    version?.id ?? '',
    version?.createdAt ?? -1,
    crn,
  )
  if (found === undefined || found.total === 0) return []
  if (wanted.deletesRegistration) {
    return [
      touchKey(key),
      {
        sql: `DELETE FROM registrations WHERE instance = ?1 AND key = ?2 AND owner = ?3 AND (?4 IS NULL OR crn = ?4)`,
        params: [key.instance, key.id, owner, crn],
        rows: found.total,
      },
    ]
  }
  if (version === undefined || found.older === 0) return []
  return [
    {
      sql: `UPDATE registrations SET version = ?4, version_at = ?5, revision = revision + 1, updated_at = ?6,
        updated_by = ?3 WHERE instance = ?1 AND key = ?2 AND owner = ?3 AND version <> ?4 AND version_at <= ?5
        AND (?7 IS NULL OR crn = ?7)`,
      params: [key.instance, key.id, owner, version.id, version.createdAt, now, crn],
      rows: found.older,
    },
  ]
}
