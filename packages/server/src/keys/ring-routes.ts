/** Key rings over HTTP. */
import { type KmsRoute, kmsRoute } from '../http/witnessed.ts'
import { createRing, ringTarget } from './create-ring.ts'
import { deleteRing } from './delete-ring.ts'
import { keySchemas } from './description.ts'
import { listRings } from './list-rings.ts'
import type { KeyParts } from './parts.ts'
import { parseForce, parseRings } from './query.ts'
import { answer, idOf, nothing } from './render.ts'
import { ringEnvelope } from './resource.ts'

export function ringRoutes(parts: KeyParts): readonly KmsRoute[] {
  return [
    kmsRoute({
      method: 'GET',
      url: '/api/v2/key_rings',
      schema: keySchemas.listRings,
      action: 'hs-crypto.key-rings.list',
      operation: (request, seen) =>
        answer(
          listRings(request, () => parseRings(request.query), parts),
          seen,
          ({ rings, total }) => ({ body: ringEnvelope(rings, total) }),
        ),
    }),
    kmsRoute({
      method: 'POST',
      url: '/api/v2/key_rings/:id',
      schema: keySchemas.createRing,
      action: 'hs-crypto.key-rings.create',
      saysWhat: true,
      target: (request) => ringTarget(request.instance, idOf(request)),
      operation: (request, seen) => answer(createRing(request, idOf(request), parts), seen, nothing),
    }),
    kmsRoute({
      method: 'DELETE',
      url: '/api/v2/key_rings/:id',
      schema: keySchemas.deleteRing,
      action: 'hs-crypto.key-rings.delete',
      target: (request) => ringTarget(request.instance, idOf(request)),
      operation: (request, seen) =>
        answer(
          deleteRing(request, idOf(request), () => ({ force: parseForce(request.query) }), parts),
          seen,
          nothing,
        ),
    }),
  ]
}
