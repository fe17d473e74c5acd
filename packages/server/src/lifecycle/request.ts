/** Reading the body of an event acknowledgement (reference section 7.3). */
import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../http/json.ts'
import { dateOf, flagOf, onlyResource, textOf } from '../keys/members.ts'
import { badField } from '../keys/refusals.ts'
import { wholeCrn } from '../registrations/crn.ts'
import type { AcknowledgeWish } from './acknowledge.ts'
import { adopterStates } from './told.ts'

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** @throws Refusal `NO_BODY_ERR`, `BAD_BODY_ERR`, `INVALID_FIELD_ERR` */
export function parseAcknowledgement(body: JsonValue | undefined): AcknowledgeWish {
  const members = onlyResource(body)
  const eventId = textOf(members, 'eventId')
  if (eventId === undefined || !uuid.test(eventId)) throw badField('eventId', 'eventId is the one of the message.')
  const reported = textOf(members, 'adopterKeyState')
  const state = adopterStates.find((known) => known === reported)
  if (state === undefined) throw badField('adopterKeyState', `adopterKeyState is one of ${adopterStates.join(', ')}.`)
  const resource = textOf(members, 'resourceCrn')
  const crn = resource === undefined ? undefined : wholeCrn(resource)
  if (resource !== undefined && crn === undefined) throw badField('resourceCrn', 'resourceCrn must be a CRN.')
  return {
    eventId: eventId.toLowerCase(),
    state,
    at: dateOf(members, 'timestamp'),
    version: versionIn(members),
    deletesRegistration: flagOf(members, 'deleteRegistration') ?? false,
    crn,
  }
}

/** `keyVersion` is what an older description calls it. */
function versionIn(members: JsonObject): string | undefined {
  const data = memberOf(members, 'keyStateData') ?? undefined
  if (data === undefined) return undefined
  if (!isJsonObject(data)) throw badField('keyStateData', 'keyStateData must be an object.')
  const version = textOf(data, 'rewrappedKeyVersion') ?? textOf(data, 'keyVersion')
  if (version !== undefined && !uuid.test(version)) {
    throw badField('rewrappedKeyVersion', 'rewrappedKeyVersion must be the id of a key version.')
  }
  return version
}
