/** The policy API over HTTP: each route with its action, its parser and the form of its answer. */
import { type KmsRoute, kmsRoute } from '../http/witnessed.ts'
import { requestedTarget } from '../keys/admit.ts'
import { askedKind, policyMediaType } from './collection.ts'
import { policySchemas } from './description.ts'
import { parseInstancePolicies } from './instance-body.ts'
import { policyKinds } from './instance-policy.ts'
import { keyPolicyKinds, parseKeyPolicies } from './key-body.ts'
import type { PolicyParts } from './parts.ts'
import { readAllowedIpPort } from './read-allowed-ip-port.ts'
import { listInstancePolicies } from './read-instance.ts'
import { readKeyPolicies } from './read-key.ts'
import { envelopeOf, instancePolicyResource, keyPolicyResource } from './resource.ts'
import { writeInstancePolicies } from './write-instance.ts'
import { writeKeyPolicies } from './write-key.ts'

export function policyRoutes(parts: PolicyParts): readonly KmsRoute[] {
  return [...keyPolicyRoutes(parts), ...instancePolicyRoutes(parts)]
}

function keyPolicyRoutes(parts: PolicyParts): KmsRoute[] {
  const idOf = (request: { params: Readonly<Record<string, string>> }): string => request.params['id'] ?? ''
  return [
    kmsRoute({
      method: 'GET',
      url: '/api/v2/keys/:id/policies',
      schema: policySchemas.readKey,
      action: 'hs-crypto.policies.read',
      target: (request) => requestedTarget(request, idOf(request)),
      operation: async (request, seen) => {
        const kind = () => askedKind(request.query, keyPolicyKinds)
        const done = await readKeyPolicies(request, idOf(request), kind, parts)(seen)
        const resources = done.result.map((policy) => keyPolicyResource(policy, request.instance))
        return { ...done, result: { body: envelopeOf(policyMediaType, resources) } }
      },
    }),
    kmsRoute({
      method: 'PUT',
      url: '/api/v2/keys/:id/policies',
      schema: policySchemas.writeKey,
      action: 'hs-crypto.policies.write',
      saysWhat: true,
      target: (request) => requestedTarget(request, idOf(request)),
      operation: async (request, seen) => {
        const wish = () => parseKeyPolicies(request.body(), request.query)
        const done = await writeKeyPolicies(request, idOf(request), wish, parts)(seen)
        const resources = done.result.map((policy) => keyPolicyResource(policy, request.instance))
        return { ...done, result: { body: envelopeOf(policyMediaType, resources) } }
      },
    }),
  ]
}

function instancePolicyRoutes(parts: PolicyParts): KmsRoute[] {
  return [
    kmsRoute({
      method: 'GET',
      url: '/api/v2/instance/policies',
      schema: policySchemas.readInstance,
      action: 'hs-crypto.instance-policies.read',
      operation: async (request, seen) => {
        const done = await listInstancePolicies(request, () => askedKind(request.query, policyKinds), parts)(seen)
        return { ...done, result: { body: envelopeOf(policyMediaType, done.result.map(instancePolicyResource)) } }
      },
    }),
    kmsRoute({
      method: 'PUT',
      url: '/api/v2/instance/policies',
      schema: policySchemas.writeInstance,
      action: 'hs-crypto.instance-policies.write',
      saysWhat: true,
      operation: async (request, seen) => {
        const wish = () => parseInstancePolicies(request.body(), request.query)
        return { ...(await writeInstancePolicies(request, wish, parts)(seen)), result: {} }
      },
    }),
    kmsRoute({
      method: 'GET',
      url: '/api/v2/instance/allowed_ip_port',
      schema: policySchemas.allowedIpPort,
      action: 'hs-crypto.instance-allowed-ip-port.read',
      isFromAnywhere: true,
      operation: async (request, seen) => {
        const done = await readAllowedIpPort(request, parts)(seen)
        const resources = done.result === undefined ? [] : [{ private_endpoint_port: done.result }]
        return { ...done, result: { body: envelopeOf('application/vnd.ibm.kms.allowed_ip_metadata+json', resources) } }
      },
    }),
  ]
}
