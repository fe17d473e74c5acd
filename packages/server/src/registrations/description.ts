/** Registrations as the API's description shows them. Nothing is checked against these schemas: the parsers decide. */
import type { FastifySchema } from 'fastify'
import { type TSchema, Type } from 'typebox'
import { registrationLimits } from './limits.ts'

const tags = ['registrations']
const open = { additionalProperties: true } as const
const optional = <T extends TSchema>(schema: T) => Type.Optional(schema)
const Flag = Type.Union([Type.Literal('true'), Type.Literal('false')])
const DateTime = Type.String({ format: 'date-time' })

const Headers = Type.Object({
  'bluemix-instance': Type.String({ format: 'uuid', description: 'GUID of the service instance.' }),
  'correlation-id': optional(Type.String({ description: 'Comes back in the answer and stands in the event.' })),
  'x-kms-key-ring': optional(Type.String({ description: 'Key ring the call is about.' })),
})
const Matching = Type.Object({
  ...Headers.properties,
  'if-match': optional(Type.String({ description: 'ETags, compared weakly, separated by commas.' })),
})
const Key = Type.Object({ id: Type.String({ description: 'Id of the key.' }) })
const Resource = Type.Object({
  ...Key.properties,
  crn: Type.String({ description: 'CRN of the resource, percent-encoded, at least up to its service instance.' }),
})

const Said = {
  description: optional(Type.String({ maxLength: registrationLimits.descriptionLength.max })),
  registrationMetadata: optional(
    Type.String({ maxLength: registrationLimits.metadataLength.max, description: 'Shown to services only.' }),
  ),
  preventKeyDeletion: optional(
    Type.Boolean({ default: false, description: 'The resource has a retention policy: the key cannot be deleted.' }),
  ),
}
const Registration = Type.Object(
  {
    keyId: Type.String({ format: 'uuid' }),
    keyName: Type.String(),
    resourceCrn: Type.String(),
    createdBy: Type.String(),
    creationDate: DateTime,
    updatedBy: Type.String(),
    lastUpdated: DateTime,
    ...Said,
    keyVersion: Type.Object({ id: Type.String({ format: 'uuid' }), creationDate: DateTime }),
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
const Registrations = envelopeOf(Registration)
const Wish = envelopeOf(Type.Object(Said, open))
const VersionedWish = envelopeOf(
  Type.Object({ ...Said, keyVersionId: optional(Type.String({ format: 'uuid' })) }, open),
)

const query = Type.Object({
  limit: optional(
    Type.Integer({ minimum: 1, maximum: registrationLimits.page.max, default: registrationLimits.page.default }),
  ),
  offset: optional(Type.Integer({ minimum: 0, default: 0 })),
  urlEncodedResourceCRNQuery: optional(
    Type.String({
      description:
        'CRN; * stands for a segment, or at the end for any rest. About any key the segments up to the service instance must be given; where a service leaves them open it finds its own registrations.',
    }),
  ),
  preventKeyDeletion: optional(Flag),
  totalCount: optional(Flag),
})

function described(summary: string, parts: FastifySchema = {}): FastifySchema {
  return { tags, summary, headers: Headers, ...parts }
}

export const registrationSchemas = {
  list: described('List the resources registered with a key', {
    params: Key,
    querystring: query,
    response: { 200: Registrations },
  }),
  listAll: described('List the resources registered with any key', {
    querystring: query,
    response: { 200: Registrations },
  }),
  create: described('Register a resource with a key (services only)', {
    params: Resource,
    body: Wish,
    response: { 201: Registrations },
  }),
  write: described('Replace a registration (services only)', {
    params: Resource,
    headers: Matching,
    body: VersionedWish,
    response: { 200: Registrations },
  }),
  merge: described('Change parts of a registration (services only)', {
    params: Resource,
    headers: Matching,
    body: VersionedWish,
    response: { 200: Registrations },
  }),
  delete: described('Delete a registration (services only)', { params: Resource, response: { 200: Registrations } }),
  deactivate: described('Lift the retention of several resources (services only; deprecated)', {
    params: Key,
    querystring: Type.Object({ action: Type.Literal('deactivate') }),
    body: envelopeOf(Type.Object({ resourceCrn: Type.String() }, open)),
  }),
} as const
