/** Reading requests about keystores: bodies, queries and the two headers that say more. */
import { type Static, Type } from 'typebox'
import { Refusal } from '../errors.ts'
import type { OwnInstanceRequest } from '../http/instance-route.ts'
import type { JsonValue } from '../http/json.ts'
import { badParameter, bodyReader, Text } from '../http/schema.ts'
import { matchedVersion } from '../http/version-tag.ts'
import { idOf, type VersionWish } from './admit.ts'
import {
  attributesOf,
  base64LengthMax,
  bytesOf,
  ChangedAttributes,
  GivenAttributes,
  wantedAttributes,
} from './attribute-json.ts'
import type { KeystoreWish } from './create-keystore.ts'
import { keystoreLimits } from './limits.ts'
import type { KeysByAttributesWish } from './list-keys-by-attributes.ts'
import type { KeysByIdsWish } from './list-keys-by-ids.ts'
import type { KeystoreQuery } from './list-keystores-by-attributes.ts'
import type { PageWish } from './object-pages.ts'
import type { NewKeyWish } from './store-new-key.ts'
import type { UpdateWish } from './update-key.ts'

const { page, ids: idsMax, objectBytes, txIdBytes } = keystoreLimits

const uuid = '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$'
const Id = (description: string) => Type.String({ pattern: uuid, description })
const TxId = Type.Optional(
  Type.String({
    minLength: 4,
    maxLength: base64LengthMax(txIdBytes),
    description:
      'Random bytes in base64, new for each write: the same write sent again is answered and not done again.',
  }),
)
const Base64Object = Type.String({
  minLength: 1,
  maxLength: base64LengthMax(objectBytes),
  description: 'Base64: the blob of a key, or a certificate or data as they are.',
})
const Limit = Type.Integer({ minimum: 1, maximum: page.max, default: page.default })
const Token = Type.String({ maxLength: 64, pattern: '^[A-Za-z0-9_-]*$', description: '`next` of the page before.' })

export const NewKeystore = Type.Object(
  {
    id: Type.Optional(Id('UUID that users of PKCS #11 agreed on; made when not given.')),
    name: Type.Optional(Text(keystoreLimits.nameLength, 'Not unique.')),
    type: Type.Union([Type.Literal('public'), Type.Literal('private')]),
    authenticated: Type.Optional(
      Type.Boolean({ default: false, description: 'Its keys work in a login session only.' }),
    ),
  },
  { additionalProperties: false },
)
export const NewKey = Type.Object(
  {
    id: Type.Optional(Id('UUID; made when not given.')),
    txId: TxId,
    object: Base64Object,
    attributes: Type.Optional(GivenAttributes),
  },
  { additionalProperties: false },
)
export const ChangedKey = Type.Object(
  { txId: TxId, object: Type.Optional(Base64Object), attributes: Type.Optional(ChangedAttributes) },
  { additionalProperties: false },
)
export const Search = Type.Object(
  {
    keystores: Type.Optional(
      Type.Array(Id('UUID.'), { maxItems: idsMax, description: 'All that the caller may see when empty.' }),
    ),
    attributes: Type.Optional(GivenAttributes),
    objects: Type.Optional(Type.Boolean({ default: true, description: 'Whether the objects themselves are wanted.' })),
    limit: Type.Optional(Limit),
    after: Type.Optional(Token),
  },
  { additionalProperties: false },
)

const ids = Type.Optional(Type.Array(Id('UUID.'), { maxItems: idsMax }))
export const KeystoreListQuery = Type.Object({
  id: ids,
  type: Type.Optional(NewKeystore.properties.type),
  name: Type.Optional(Type.String({ description: 'The whole name.' })),
  limit: Type.Optional(Limit),
  after: Type.Optional(Token),
})
const { objects, limit, after } = Search.properties
export const KeyListQuery = Type.Object({ id: ids, objects, limit, after })

const readNewKeystore = bodyReader(NewKeystore)
const readNewKey = bodyReader(NewKey)
const readChangedKey = bodyReader(ChangedKey)
const readSearch = bodyReader(Search)

type Body = JsonValue | undefined

/** @throws Refusal `NO_BODY_ERR`, `BAD_BODY_ERR`, `INVALID_FIELD_ERR` naming the member */
export function parseKeystore(body: Body): KeystoreWish {
  const { id, name = '', type, authenticated = false } = readNewKeystore(body)
  return { id: id?.toLowerCase(), name, type, authenticated }
}

/** @throws Refusal as above; `KEYSTORE_ATTRIBUTES`, `KEYSTORE_SECRET_ATTRIBUTE`, `BODY_TOO_LARGE` */
export function parseNewKey(body: Body): NewKeyWish {
  const { id, txId, object, attributes } = readNewKey(body)
  return {
    id: id?.toLowerCase(),
    tx: txOf(txId),
    attributes: attributesOf(attributes),
    object: bytesOf(object, 'object'),
  }
}

/** @throws Refusal as above, or as `requiredVersion` */
export function parseUpdate(request: OwnInstanceRequest): UpdateWish {
  const { txId, object, attributes } = readChangedKey(request.body())
  return {
    ...requiredVersion(request),
    tx: txOf(txId),
    attributes: attributesOf(attributes),
    object: object === undefined ? undefined : bytesOf(object, 'object'),
  }
}

/** @throws Refusal as `parseNewKey` */
export function parseSearch(body: Body): KeysByAttributesWish {
  const wish: Static<typeof Search> = readSearch(body)
  return {
    keystoreIds: (wish.keystores ?? []).map((id) => id.toLowerCase()),
    attributes: wantedAttributes(wish.attributes),
    withObjects: wish.objects ?? true,
    limit: wish.limit ?? page.default,
    token: tokenOf(wish.after),
  }
}

/** Of the list of keystores: these name attributes, and so another action. */
export function asksByAttributes(query: URLSearchParams): boolean {
  return query.has('type') || query.has('name')
}

/** @throws Refusal `INVALID_QUERY_PARAM_ERR` naming the parameter */
export function parseIds(query: URLSearchParams): string[] {
  const named = query.getAll('id')
  if (named.length > idsMax) throw badParameter('id')
  return named.map((text) => {
    const id = idOf(text)
    if (id === undefined) throw badParameter('id')
    return id
  })
}

/** @throws Refusal `INVALID_QUERY_PARAM_ERR` naming the parameter */
export function parseKeystoreQuery(query: URLSearchParams): KeystoreQuery {
  if (query.has('id')) throw badParameter('id')
  const type = query.get('type') ?? undefined
  if (type !== undefined && type !== 'public' && type !== 'private') throw badParameter('type')
  const name = query.get('name') ?? undefined
  if (name !== undefined && name.length > keystoreLimits.nameLength) throw badParameter('name')
  return { ...pageIn(query), type, name }
}

/** @throws Refusal `INVALID_QUERY_PARAM_ERR` naming the parameter */
export function parseKeysByIds(query: URLSearchParams): KeysByIdsWish {
  const wanted = query.get('objects') ?? 'true'
  if (wanted !== 'true' && wanted !== 'false') throw badParameter('objects')
  return { ...pageIn(query), ids: parseIds(query), withObjects: wanted === 'true' }
}

function pageIn(query: URLSearchParams): PageWish {
  const count = query.get('limit') ?? String(page.default)
  if (!/^[1-9]\d{0,3}$/.test(count) || Number(count) > page.max) throw badParameter('limit')
  const token = query.get('after') ?? undefined
  if (token !== undefined && !/^[\w-]{0,64}$/.test(token)) throw badParameter('after')
  return { limit: Number(count), token: tokenOf(token) }
}

function tokenOf(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text, 'base64url')
}

function txOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : bytesOf(text, 'txId').toString('hex')
}

/** What If-Match asks for. @throws Refusal `PRECONDITION_FAILED` for what is the tag of no version */
export function versionOf({ headers }: Pick<OwnInstanceRequest, 'headers'>): VersionWish {
  return { version: matchedVersion(headers), stale: 'PRECONDITION_FAILED' }
}

/** @throws Refusal `INVALID_FIELD_ERR` when none is named */
function requiredVersion(request: OwnInstanceRequest): VersionWish & { readonly version: number } {
  const { version, stale } = versionOf(request)
  if (version !== undefined) return { version, stale }
  const message = 'The header If-Match must name the ETag of the version that was read.'
  throw new Refusal('INVALID_FIELD_ERR', { message, at: { type: 'field', name: 'if-match' } })
}
