/** What Sign and Signature Verify are about: data, or from KMIP 1.4 on their digest. */
import { Refusal } from '../../errors.ts'
import { invalid } from '../attributes/attribute-values.ts'
import type { Fields } from '../message/fields.ts'
import { tags } from '../ttlv/tags.ts'
import { requireData } from './key-use.ts'
import type { Signable } from './signature-schemes.ts'

/** @throws Refusal `KMIP_MISSING_DATA` for none, `KMIP_INVALID_FIELD` for both */
export function readSignable(payload: Fields): Signable {
  const data = payload.optional(tags.Data, 'ByteString')
  const digest = payload.optional(tags.DigestedData, 'ByteString')
  if (data === undefined && digest === undefined) {
    throw new Refusal('KMIP_MISSING_DATA', { message: 'There are neither data nor digested data.' })
  }
  if (data !== undefined && digest !== undefined) throw invalid('Data and digested data exclude each other.')
  requireData(data ?? new Uint8Array())
  return { data, digest }
}
