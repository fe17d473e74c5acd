/** Aliases over HTTP. */
import { type InstanceRequest, type KmsRoute, kmsRoute } from '../http/witnessed.ts'
import { createAlias } from './create-alias.ts'
import { deleteAlias } from './delete-alias.ts'
import { keySchemas } from './description.ts'
import type { KeyParts } from './parts.ts'
import { answer, idOf, nothing, targetKey } from './render.ts'
import { aliasEnvelope } from './resource.ts'

const url = '/api/v2/keys/:id/aliases/:alias'

export function aliasRoutes(parts: KeyParts): readonly KmsRoute[] {
  const target = targetKey
  return [
    kmsRoute({
      method: 'POST',
      url,
      schema: keySchemas.createAlias,
      action: 'hs-crypto.secrets-alias.create',
      saysWhat: true,
      target,
      operation: (request, seen) =>
        answer(createAlias(request, idOf(request), aliasOf(request), parts), seen, (alias) => ({
          body: aliasEnvelope(alias),
        })),
    }),
    kmsRoute({
      method: 'DELETE',
      url,
      schema: keySchemas.deleteAlias,
      action: 'hs-crypto.secrets-alias.delete',
      target,
      operation: (request, seen) => answer(deleteAlias(request, idOf(request), aliasOf(request), parts), seen, nothing),
    }),
  ]
}

function aliasOf(request: InstanceRequest): string {
  return request.params['alias'] ?? ''
}
