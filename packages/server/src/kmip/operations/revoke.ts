/** Revoke: the object is not to be used any more, or is compromised (KMIP 1.4, section 4.20). */
import { Refusal } from '../../errors.ts'
import { formatDate } from '../../keys/date.ts'
import { attributeValue, dateOf, putAll } from '../attributes/attribute-set.ts'
import { invalid } from '../attributes/attribute-values.ts'
import type { ObjectState } from '../management/rows.ts'
import { DESTROYED, DESTROYED_COMPROMISED, hasState, type KmipObject, objectTypes } from '../objects/kmip-object.ts'
import { ACTIVE, COMPROMISED, DEACTIVATED, PRE_ACTIVE } from '../objects/states.ts'
import { enumeration, text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { type KmipItem, type KmipOperation, secondsOf } from './item.ts'
import { changed, identifier, objectOfItem } from './object-of-item.ts'

/** Revocation Reason Code (section 9.1.3.2.19), as events spell it. */
const codes: Readonly<Record<number, string>> = {
  1: 'unspecified',
  2: 'key-compromise',
  3: 'ca-compromise',
  4: 'affiliation-changed',
  5: 'superseded',
  6: 'cessation-of-operation',
  7: 'privilege-withdrawn',
}

/** Whether a code says that the key is known to others (reference section 18, 6). */
const compromising: ReadonlySet<number> = new Set([2, 3])

const messageBytesMax = 1_024

export const revoke: KmipOperation = (payload, item) => {
  const object = objectOfItem(payload, item)
  const reason = payload.structure(tags.RevocationReason, { missing: 'InvalidField' })
  const code = reason.required(tags.RevocationReasonCode, 'Enumeration', 'InvalidField')
  const message = reason.optional(tags.RevocationMessage, 'TextString')
  reason.end()
  const occurrence = payload.optional(tags.CompromiseOccurrenceDate, 'DateTime')
  payload.end()
  const { seen, call, workspace } = item
  const name = codes[code]
  if (name === undefined) throw invalid('The revocation reason code is not defined.')
  seen.request.revocationReasonCode = name
  if (message !== undefined && Buffer.byteLength(message) > messageBytesMax)
    throw invalid('The revocation message is too long.')
  const isCompromise = compromising.has(code)
  if (occurrence !== undefined) noteOccurrence(occurrence, item)
  const state = object.type === objectTypes.Template ? undefined : nextState(object, isCompromise)
  if (state === undefined) {
    throw new Refusal('KMIP_ILLEGAL_OPERATION', {
      message: 'The state of the object does not allow it to be revoked so.',
    })
  }
  const now = secondsOf(call)
  const given = [
    enumeration(tags.RevocationReasonCode, code),
    ...(message === undefined ? [] : [text(tags.RevocationMessage, message)]),
  ]
  const attributes = putAll(object.attributes, {
    'Revocation Reason': attributeValue.structure(given),
    ...(isCompromise
      ? {
          'Compromise Date': attributeValue.date(now),
          'Compromise Occurrence Date': attributeValue.date(
            occurrence ?? dateOf(object.attributes, 'Initial Date') ?? now,
          ),
        }
      : { 'Deactivation Date': attributeValue.date(now) }),
  })
  workspace.replace(changed(object, item, { attributes, state }))
  if (hasState(object)) {
    seen.response['initialValue.kmipState'] = object.state
    seen.response['newValue.kmipState'] = state
  }
  if (!isCompromise) seen.response.deactivationDate = formatDate(call.now)
  return [identifier(object.id)]
}

/** The table of reference section 9; undefined where the state does not allow it. */
function nextState({ state }: KmipObject, isCompromise: boolean): ObjectState | undefined {
  if (!isCompromise) return state === ACTIVE ? DEACTIVATED : undefined
  if (state === PRE_ACTIVE || state === ACTIVE || state === DEACTIVATED) return COMPROMISED
  return state === DESTROYED ? DESTROYED_COMPROMISED : undefined
}

/** @throws Refusal `KMIP_INVALID_FIELD` for a date that is still to come */
function noteOccurrence(occurrence: bigint, { seen, call }: KmipItem): void {
  if (occurrence > secondsOf(call)) throw invalid('The compromise cannot lie in the future.')
  // Dates before year 0 are no dates of events.
  if (occurrence >= -62_167_219_200n) {
    seen.request.compromiseOccurrenceDate = formatDate(Number(occurrence) * 1_000)
  }
}
