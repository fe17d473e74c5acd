/** The policy API as its description shows it. Nothing is checked against these schemas: the parsers decide. */
import type { FastifySchema } from 'fastify'
import { type TSchema, Type } from 'typebox'
import { intervalMonths } from './collection.ts'
import { policyKinds } from './instance-policy.ts'
import { keyPolicyKinds } from './key-body.ts'

const open = { additionalProperties: true } as const
const tags = ['policies']
const headers = Type.Object({
  'bluemix-instance': Type.String({ format: 'uuid', description: 'GUID of the service instance.' }),
  'correlation-id': Type.Optional(Type.String({ description: 'Comes back in the answer and stands in the event.' })),
})
const params = Type.Object({ id: Type.String({ description: 'Id or alias of the key.' }) })
const kindOf = (kinds: readonly string[]) =>
  Type.Object({ policy: Type.Optional(Type.Union(kinds.map((kind) => Type.Literal(kind)))) })

const envelope = (resource: TSchema) =>
  Type.Object(
    {
      metadata: Type.Object({ collectionType: Type.String(), collectionTotal: Type.Integer() }, open),
      resources: Type.Array(resource),
    },
    open,
  )
const Enabled = Type.Object({ enabled: Type.Boolean() })
const Rotation = Type.Object({
  enabled: Type.Optional(Type.Boolean({ default: true })),
  interval_month: Type.Optional(
    Type.Integer({ minimum: intervalMonths.min, maximum: intervalMonths.max, description: 'Months of 30 days.' }),
  ),
})
const KeyPolicies = envelope(
  Type.Object({ rotation: Type.Optional(Rotation), dualAuthDelete: Type.Optional(Enabled) }, open),
)
const InstancePolicies = envelope(
  Type.Object(
    {
      policy_type: Type.Union(policyKinds.map((kind) => Type.Literal(kind))),
      policy_data: Type.Object({ enabled: Type.Boolean(), attributes: Type.Optional(Type.Object({}, open)) }),
    },
    open,
  ),
)

export const policySchemas = {
  readKey: {
    tags,
    summary: 'Read the policies of a key',
    headers,
    params,
    querystring: kindOf(keyPolicyKinds),
    response: { 200: KeyPolicies },
  },
  writeKey: {
    tags,
    summary: 'Set policies of a key: rotation by interval, deletion by two people',
    headers,
    params,
    querystring: kindOf(keyPolicyKinds),
    body: KeyPolicies,
    response: { 200: KeyPolicies },
  },
  readInstance: {
    tags,
    summary: 'Read the policies of an instance',
    headers,
    querystring: kindOf(policyKinds),
    response: { 200: InstancePolicies },
  },
  writeInstance: {
    tags,
    summary: 'Set policies of an instance',
    headers,
    querystring: kindOf(policyKinds),
    body: InstancePolicies,
    response: { 204: Type.Null() },
  },
  allowedIpPort: {
    tags,
    summary: 'Read the port of the private network, while only some addresses are allowed',
    headers,
    response: { 200: envelope(Type.Object({ private_endpoint_port: Type.Integer() })) },
  },
} as const satisfies Record<string, FastifySchema>
