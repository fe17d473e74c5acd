/** KMIP management as the API description shows it. Nothing is checked against these schemas: the parsers decide. */
import type { FastifySchema } from 'fastify'
import { type TObject, type TSchema, Type } from 'typebox'
import { certificateLength } from '../../tls/certificate-pem.ts'
import { adapterProfile } from './body.ts'
import { kmipLimits } from './limits.ts'

const tags = ['KMIP management']
const open = { additionalProperties: true } as const
const optional = <T extends TSchema>(schema: T) => Type.Optional(schema)

const Flag = Type.Union([Type.Literal('true'), Type.Literal('false')])
const Headers = Type.Object({
  'bluemix-instance': Type.String({ format: 'uuid', description: 'GUID of the service instance.' }),
  'correlation-id': optional(Type.String({ description: 'Comes back in the answer and stands in the event.' })),
})

const named = (what: string) => Type.String({ description: `Id or name of the ${what}.` })
const AdapterPath = Type.Object({ adapter: named('adapter') })
const CertificatePath = Type.Object({ adapter: named('adapter'), certificate: named('certificate') })
const ObjectPath = Type.Object({ adapter: named('adapter'), object: Type.String({ format: 'uuid' }) })

const Name = Type.String({
  minLength: kmipLimits.nameLength.min,
  maxLength: kmipLimits.nameLength.max,
  pattern: '^[A-Za-z0-9_-]+$',
  description: 'Made when not given; never a UUID.',
})
const Certificate = Type.String({ maxLength: certificateLength, description: 'X.509 in PEM.' })

const NewAdapter = Type.Object(
  {
    name: optional(Name),
    description: optional(Type.String({ maxLength: kmipLimits.descriptionLength })),
    profile: Type.Literal(adapterProfile),
    profile_data: Type.Object({
      crk_id: Type.String({ description: 'Id or alias of the active root key that wraps what the clients make.' }),
    }),
  },
  open,
)
const Adapter = Type.Object({ ...NewAdapter.properties, id: Type.String({ format: 'uuid' }) }, open)
const NewCertificate = Type.Object({ name: optional(Name), certificate: Certificate }, open)
const ListedCertificate = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    name: Name,
    fingerprint: Type.String({ description: 'Ours: SHA-256 of the DER form, hexadecimal.' }),
    subject: Type.String({ description: 'Ours.' }),
    notBefore: optional(Type.String({ format: 'date-time', description: 'Ours.' })),
    notAfter: optional(Type.String({ format: 'date-time', description: 'Ours.' })),
    standing: Type.Union(
      [Type.Literal('valid'), Type.Literal('expired'), Type.Literal('not_yet_valid'), Type.Literal('weak')],
      {
        description:
          'Ours, at this time: only a valid one lets its owner in. Weak: its key is, and an earlier version took it.',
      },
    ),
  },
  open,
)
const WholeCertificate = Type.Object({ ...ListedCertificate.properties, certificate: Certificate }, open)
const KmipObject = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    kmip_object_type: Type.Integer({
      description: '2 symmetric key, 3 public key, 4 private key, 6 template, 7 secret data, 8 opaque object',
    }),
    state: Type.Integer({
      description: '1 pre-active, 2 active, 3 deactivated, 4 compromised, 5 destroyed, 6 destroyed compromised',
    }),
    object_type: Type.String({ description: 'Ours: the type as KMIP names it, such as SymmetricKey.' }),
    state_name: optional(
      Type.String({
        description:
          'Ours: the state as KMIP names it, such as PreActive. Templates and opaque objects have none until they are destroyed.',
      }),
    ),
    names: Type.Array(Type.String(), { description: 'Ours: the names that clients gave it, the first one first.' }),
    names_omitted: optional(
      Type.Integer({
        description: 'Ours: further names, which are too long for a list. The object by itself has all.',
      }),
    ),
    cryptographic_algorithm: optional(Type.String({ description: 'Ours: as KMIP names it, such as AES.' })),
    cryptographic_length: optional(Type.Integer({ description: 'Ours: bits.' })),
  },
  open,
)

const envelopeOf = (resource: TSchema) =>
  Type.Object({ metadata: Type.Object({}, open), resources: Type.Array(resource) }, open)

const paging = (page: { readonly default: number; readonly max: number }) => ({
  limit: optional(Type.Integer({ minimum: 1, maximum: page.max, default: page.default })),
  offset: optional(Type.Integer({ minimum: 0, default: 0 })),
  totalCount: optional(Flag),
})

function described(summary: string, parts: { headers?: TObject } & FastifySchema = {}): FastifySchema {
  return { tags, summary, headers: Headers, ...parts }
}

export const kmipSchemas = {
  listAdapters: described('List KMIP adapters', {
    querystring: Type.Object({
      ...paging(kmipLimits.page),
      crk_id: optional(Type.String({ description: 'Only those of this root key.' })),
    }),
    response: { 200: envelopeOf(Adapter) },
  }),
  createAdapter: described('Create a KMIP adapter', {
    querystring: Type.Object({ allowExpiringKey: optional(Flag) }),
    body: envelopeOf(NewAdapter),
    response: { 201: envelopeOf(Adapter) },
  }),
  readAdapter: described('Read a KMIP adapter', { params: AdapterPath, response: { 200: envelopeOf(Adapter) } }),
  deleteAdapter: described('Delete a KMIP adapter whose objects are all destroyed', { params: AdapterPath }),
  listCertificates: described('List the client certificates of a KMIP adapter', {
    params: AdapterPath,
    querystring: Type.Object(paging(kmipLimits.page)),
    response: { 200: envelopeOf(ListedCertificate) },
  }),
  createCertificate: described('Let the owner of a certificate use a KMIP adapter', {
    params: AdapterPath,
    body: envelopeOf(NewCertificate),
    response: { 201: envelopeOf(WholeCertificate) },
  }),
  readCertificate: described('Read a client certificate of a KMIP adapter', {
    params: CertificatePath,
    response: { 200: envelopeOf(WholeCertificate) },
  }),
  deleteCertificate: described('Cut the owner of a certificate off', { params: CertificatePath }),
  listObjects: described('List the objects of a KMIP adapter', {
    params: AdapterPath,
    querystring: Type.Object({
      ...paging(kmipLimits.objectPage),
      state: optional(Type.String({ description: 'Comma list of states.', default: '1,2,3,4' })),
      search: optional(
        Type.String({
          maxLength: kmipLimits.searchLength,
          description:
            'Ours: only objects a name of which holds this text, or the one with this id; options as in the search for keys.',
        }),
      ),
    }),
    response: { 200: envelopeOf(KmipObject) },
  }),
  readObject: described('Read what is known about a KMIP object', {
    params: ObjectPath,
    response: { 200: envelopeOf(KmipObject) },
  }),
  deleteObject: described('Destroy a KMIP object and erase its material', {
    params: ObjectPath,
    querystring: Type.Object({ force: optional(Flag) }),
  }),
} as const
