/** No column of bytes is forgotten by whoever walks the protected ones. */
import { expect, test } from 'vitest'
import { memoryStore } from './open.ts'
import { protectedColumns } from './protected-columns.ts'

/** Bytes that are no secrets: hashes of secrets, public keys and certificates, events, what is known about KMIP objects, what EP11 objects are found by. */
const harmless = [
  'accepted_certificates.certificate',
  'api_keys.hash',
  'certificate_admin_keys.public_key',
  'sessions.hash',
  'sign_in_links.hash',
  'keystore_attributes.key',
  'kmip_certificates.certificate',
  'kmip_object_names.key',
  'kmip_object_values.key',
  'kmip_objects.attributes',
  'outbox.entry',
  'outbox_attachments.content',
]

test('every column of bytes in the store is registered as wrapped or sealed, or known to hold no secret', () => {
  const found = memoryStore()
    .all<{ place: string }>(
      `SELECT t.name || '.' || c.name AS place FROM sqlite_schema t JOIN pragma_table_info(t.name) c
       WHERE t.type = 'table' AND c.type = 'BLOB' ORDER BY place`,
    )
    .map((row) => row.place)
  const known = [...protectedColumns.map(({ table, column }) => `${table}.${column}`), ...harmless]
  expect(found).toEqual(known.toSorted((a, b) => (a < b ? -1 : 1)))
})
