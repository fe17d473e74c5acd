/** The key API as its description shows it. Nothing is checked against these schemas: the parsers decide. */
import type { FastifySchema } from 'fastify'
import { type TObject, type TSchema, Type } from 'typebox'
import { filterDates } from './filter.ts'
import { keyLimits } from './limits.ts'
import { sortColumns } from './selection.ts'

const tags = ['keys']
const open = { additionalProperties: true } as const
const optional = <T extends TSchema>(schema: T) => Type.Optional(schema)

const Base64 = (description: string) => Type.String({ contentEncoding: 'base64', description })
const DateTime = Type.String({ format: 'date-time' })
const Flag = Type.Union([Type.Literal('true'), Type.Literal('false')])

const Headers = Type.Object({
  'bluemix-instance': Type.String({ format: 'uuid', description: 'GUID of the service instance.' }),
  'correlation-id': optional(Type.String({ description: 'Comes back in the answer and stands in the event.' })),
  'x-kms-key-ring': optional(Type.String({ description: 'Key ring the call is about.' })),
})
const Preferring = Type.Object({
  ...Headers.properties,
  prefer: optional(Type.String({ description: 'return=minimal or return=representation' })),
})
const KeyPath = Type.Object({ id: Type.String({ description: 'Id or alias of the key.' }) })
const AliasPath = Type.Object({
  ...KeyPath.properties,
  alias: Type.String({ minLength: keyLimits.aliasLength.min, maxLength: keyLimits.aliasLength.max }),
})
const RingPath = Type.Object({ id: Type.String({ description: 'Id of the key ring.' }) })

const NewKey = Type.Object(
  {
    type: Type.Literal('application/vnd.ibm.kms.key+json'),
    name: Type.String({ minLength: keyLimits.nameLength.min, maxLength: keyLimits.nameLength.max }),
    description: optional(
      Type.String({ minLength: keyLimits.descriptionLength.min, maxLength: keyLimits.descriptionLength.max }),
    ),
    tags: optional(Type.Array(Type.String({ maxLength: keyLimits.tagLength }), { maxItems: keyLimits.tags })),
    extractable: optional(
      Type.Boolean({ default: true, description: 'false: a root key. true: a standard key, whose payload may leave.' }),
    ),
    aliases: optional(Type.Array(Type.String(), { maxItems: keyLimits.aliasesPerKey })),
    expirationDate: optional(DateTime),
    payload: optional(Base64('Imported material: 16, 24 or 32 bytes for a root key, up to 7,500 for a standard key.')),
    encryptedNonce: optional(Base64('Secure import: the nonce of the import token under the material.')),
    iv: optional(Base64('Secure import: initialisation vector of the encrypted nonce.')),
    encryptionAlgorithm: optional(
      Type.String({
        description: 'RSAES_OAEP_SHA_1 (default with an iv of 16 bytes) or RSAES_OAEP_SHA_256 (with one of 12)',
      }),
    ),
  },
  open,
)
const NewKeyWithOverrides = Type.Object(
  {
    ...NewKey.properties,
    rotation: optional(
      Type.Object({ enabled: Type.Boolean(), interval_month: Type.Integer({ minimum: 1, maximum: 12 }) }, open),
    ),
    dualAuthDelete: optional(Type.Object({ enabled: Type.Boolean() }, open)),
  },
  open,
)

const Key = Type.Object(
  {
    ...NewKey.properties,
    id: Type.String({ format: 'uuid' }),
    state: Type.Integer({ description: '0 pre-active, 1 active, 2 suspended, 3 deactivated, 5 destroyed' }),
    crn: Type.String(),
    imported: Type.Boolean(),
    deleted: Type.Boolean(),
  },
  open,
)

const envelopeOf = (resource: TSchema) =>
  Type.Object(
    {
      metadata: Type.Object({ collectionType: Type.String(), collectionTotal: Type.Integer() }, open),
      resources: Type.Array(resource),
    },
    open,
  )
const Keys = envelopeOf(Key)
const Versions = envelopeOf(Type.Object({ id: Type.String(), creationDate: DateTime }, open))
const Aliases = envelopeOf(Type.Object({ keyId: Type.String({ format: 'uuid' }), alias: Type.String() }, open))
const Rings = envelopeOf(Type.Object({ id: Type.String(), creationDate: optional(DateTime) }, open))
const Version = Type.Object({ id: Type.String({ format: 'uuid' }) }, open)

const Aad = optional(
  Type.Array(Type.String({ maxLength: keyLimits.aadEntryLength }), {
    maxItems: keyLimits.aadEntries,
    description: 'Additional authenticated data: must be the same again to unwrap. Not stored.',
  }),
)
const Ciphertext = Type.String({ maxLength: keyLimits.ciphertextLength, description: 'Opaque; keep it as it is.' })
const Wish = Type.Object({ ciphertext: Ciphertext, aad: Aad }, open)

const Selection = {
  state: optional(Type.String({ description: 'Comma list of states. Default 0,1,2,3.' })),
  extractable: optional(Flag),
  filter: optional(
    Type.String({
      description: `Blank-separated terms, all of which hold: state=1, extractable=false, or one of ${filterDates.join(', ')} with =none, ="date" or =gt:, gte:, lt:, lte: and "date".`,
      maxLength: keyLimits.filterLength,
    }),
  ),
}
const Paging = {
  limit: optional(
    Type.Integer({
      minimum: 1,
      maximum: keyLimits.page.max,
      default: keyLimits.page.default,
      description: 'Page size.',
    }),
  ),
  offset: optional(Type.Integer({ minimum: 0, default: 0 })),
}

function described(summary: string, parts: { headers?: TObject } & FastifySchema = {}): FastifySchema {
  return { tags, summary, headers: Headers, ...parts }
}

/** One action, under both forms of address. */
const actions = {
  wrap: described('Wrap a data key with a root key', {
    params: KeyPath,
    body: Type.Object(
      { plaintext: optional(Base64('Default: a data key of 32 bytes is made and returned.')), aad: Aad },
      open,
    ),
    response: { 200: Type.Object({ ciphertext: Ciphertext, keyVersion: Version }, open) },
  }),
  unwrap: described('Unwrap a data key', {
    params: KeyPath,
    body: Wish,
    response: { 200: Type.Object({ plaintext: Base64('The data key.'), keyVersion: Version }, open) },
  }),
  rewrap: described('Wrap a data key anew with the newest version of its root key', {
    params: KeyPath,
    body: Wish,
    response: {
      200: Type.Object({ ciphertext: Ciphertext, keyVersion: Version, rewrappedKeyVersion: Version }, open),
    },
  }),
  rotate: described('Give a root key a new version', {
    params: KeyPath,
    headers: Preferring,
    body: Type.Object({ payload: optional(Base64('New material; of an imported key only.')) }, open),
  }),
  setKeyForDeletion: described('Authorise the deletion of a key that two people must agree to', { params: KeyPath }),
  unsetKeyForDeletion: described('Withdraw the authorisation to delete a key', { params: KeyPath }),
  enable: described('Make a suspended root key active again', { params: KeyPath }),
  disable: described('Suspend a root key', { params: KeyPath }),
} as const

export const keySchemas = {
  head: described('Count keys; the number is in the header Key-Total', { querystring: Type.Object(Selection) }),
  list: described('List keys; how many match in all is in the header Key-Total', {
    querystring: Type.Object({
      ...Selection,
      ...Paging,
      search: optional(
        Type.String({
          description:
            'Text in names and aliases, after any of not:, exact:, escape:, name:, alias:. An id finds its key.',
          maxLength: keyLimits.searchLength,
        }),
      ),
      sort: optional(
        Type.String({
          description: `Comma list of ${Object.keys(sortColumns).join(', ')}; - before one for descending.`,
          maxLength: keyLimits.sortLength,
        }),
      ),
    }),
    response: { 200: Keys },
  }),
  create: described('Create or import a key; members that a key is read with may come along', {
    headers: Preferring,
    body: envelopeOf(NewKey),
    response: { 201: Keys },
  }),
  createWithOverrides: described('Create or import a key with policies of its own', {
    headers: Preferring,
    body: envelopeOf(NewKeyWithOverrides),
    response: { 201: Keys },
  }),
  read: described('Read a key; a standard key with its payload', { params: KeyPath, response: { 200: Keys } }),
  metadata: described('Read a key without its payload', { params: KeyPath, response: { 200: Keys } }),
  versions: described('List the versions of a root key, newest first', {
    params: KeyPath,
    querystring: Type.Object({ ...Paging, totalCount: optional(Flag), allKeyStates: optional(Flag) }),
    response: { 200: Versions },
  }),
  delete: described('Delete a key; it can be restored for 30 days', {
    params: KeyPath,
    headers: Preferring,
    querystring: Type.Object({ force: optional(Flag) }),
    response: { 200: Keys },
  }),
  purge: described('Erase a deleted key for good, from four hours after its deletion on', {
    params: KeyPath,
    headers: Preferring,
    response: { 200: Keys },
  }),
  restore: described('Restore a deleted key, within 30 days of its deletion', {
    params: KeyPath,
    headers: Preferring,
    response: { 201: Keys },
  }),
  patch: described('Move a key to another key ring', {
    params: KeyPath,
    body: Type.Object({ keyRingID: Type.String() }, open),
    response: { 200: Keys },
  }),
  sync: described('Tell the services that use a key again what happened to it last', { params: KeyPath }),
  createAlias: described('Give a key an alias', { params: AliasPath, response: { 201: Aliases } }),
  deleteAlias: described('Take an alias from a key', { params: AliasPath }),
  listRings: described('List key rings', {
    querystring: Type.Object({ ...Paging, totalCount: optional(Flag) }),
    response: { 200: Rings },
  }),
  createRing: described('Create a key ring', { params: RingPath }),
  deleteRing: described('Delete an empty key ring', {
    params: RingPath,
    querystring: Type.Object({
      force: optional(
        Type.Union([Type.Literal('true'), Type.Literal('false')], {
          description: 'Also when it holds destroyed keys: they move to the ring default.',
        }),
      ),
    }),
  }),
  legacyAction: described('Act on a key, the older form of address', {
    params: KeyPath,
    headers: Preferring,
    querystring: Type.Object({
      action: Type.Union([...Object.keys(actions), 'restore'].map((name) => Type.Literal(name))),
    }),
    body: Type.Object({}, open),
  }),
  actions,
} as const
