/** The key API over HTTP: each route with its action, its parser and the form of its answer. */
import { type KmsRoute, kmsRoute } from '../http/witnessed.ts'
import { actionRoutes } from './action-routes.ts'
import { aliasRoutes } from './alias-routes.ts'
import { parseCreate, parseCreateWithOverrides, parsePatch, keyMediaType } from './body.ts'
import { createKey } from './create.ts'
import { deleteKey } from './delete.ts'
import { keySchemas } from './description.ts'
import { countKeys } from './head.ts'
import { listKeys } from './list.ts'
import { readMetadata } from './metadata.ts'
import type { KeyParts } from './parts.ts'
import { patchKey } from './patch.ts'
import { purgeKey } from './purge.ts'
import { parseCount, parseForce, parseList, parseVersions } from './query.ts'
import { readKey } from './read.ts'
import {
  answer,
  deletedKey,
  idOf,
  newKey,
  oneKey,
  prefersToSee,
  purgedKey,
  shownFor,
  targetKey,
  withPayload,
} from './render.ts'
import { keyEnvelope, keyResource, printedEnvelope, versionEnvelope } from './resource.ts'
import { ringRoutes } from './ring-routes.ts'
import { Turns } from './turns.ts'
import { listVersions } from './versions.ts'

/** All routes of keys, aliases and key rings. What none of them takes is answered and recorded by the listener. */
export function keyRoutes(parts: KeyParts): readonly KmsRoute[] {
  return [
    ...collectionRoutes(parts),
    ...singleRoutes(parts),
    ...actionRoutes(parts),
    ...aliasRoutes(parts),
    ...ringRoutes(parts),
  ]
}

function collectionRoutes(parts: KeyParts): KmsRoute[] {
  const turns = new Turns(() => performance.now())
  return [
    kmsRoute({
      method: 'HEAD',
      url: '/api/v2/keys',
      schema: keySchemas.head,
      action: 'hs-crypto.secrets.head',
      operation: (request, seen) =>
        answer(
          countKeys(request, () => parseCount(request.query), parts),
          seen,
          (total) => ({
            headers: { 'key-total': String(total) },
          }),
        ),
    }),
    kmsRoute({
      method: 'GET',
      url: '/api/v2/keys',
      schema: keySchemas.list,
      action: 'hs-crypto.secrets.list',
      operation: (request, seen) =>
        answer(
          listKeys(
            request,
            () => parseList(request.query),
            parts,
            turns,
            (keys) => {
              const shown = shownFor(request, keys, parts)
              return keys.map((key) => JSON.stringify(keyResource(key, shown))).join()
            },
          ),
          seen,
          ({ slices, count, total, search }) => ({
            body: printedEnvelope(slices, count, search),
            headers: { 'content-type': keyMediaType, 'key-total': String(total) },
          }),
        ),
    }),
    kmsRoute({
      method: 'POST',
      url: '/api/v2/keys',
      schema: keySchemas.create,
      action: 'hs-crypto.secrets.create',
      saysWhat: true,
      operation: (request, seen) => {
        const wantsPayload = request.prefer === 'representation'
        const create = createKey(request, () => parseCreate(request.body()), wantsPayload, parts)
        return answer(create, seen, (created) => newKey(request, created, false, parts))
      },
    }),
    kmsRoute({
      method: 'POST',
      url: '/api/v2/keys_with_policy_overrides',
      schema: keySchemas.createWithOverrides,
      action: 'hs-crypto.secrets.create',
      saysWhat: true,
      operation: (request, seen) => {
        const wantsPayload = request.prefer === 'representation'
        const wish = () => parseCreateWithOverrides(request.body())
        const create = createKey(request, wish, wantsPayload, parts, 'keys.create-with-overrides')
        return answer(create, seen, (created) => newKey(request, created, true, parts))
      },
    }),
  ]
}

function singleRoutes(parts: KeyParts): KmsRoute[] {
  const target = targetKey
  return [
    kmsRoute({
      method: 'GET',
      url: '/api/v2/keys/:id',
      schema: keySchemas.read,
      action: 'hs-crypto.secrets.read',
      target,
      operation: (request, seen) =>
        answer(readKey(request, idOf(request), parts), seen, ({ key, payload }) => ({
          body: keyEnvelope([withPayload(keyResource(key, shownFor(request, [key], parts)), payload)]),
        })),
    }),
    kmsRoute({
      method: 'GET',
      url: '/api/v2/keys/:id/metadata',
      schema: keySchemas.metadata,
      action: 'hs-crypto.secrets-metadata.read',
      target,
      operation: (request, seen) =>
        answer(readMetadata(request, idOf(request), parts), seen, (key) => oneKey(request, key, parts)),
    }),
    kmsRoute({
      method: 'GET',
      url: '/api/v2/keys/:id/versions',
      schema: keySchemas.versions,
      action: 'hs-crypto.secrets-key-versions.list',
      target,
      operation: (request, seen) =>
        answer(
          listVersions(request, idOf(request), () => parseVersions(request.query), parts),
          seen,
          (page) => ({
            body: versionEnvelope(page.versions, page.total),
          }),
        ),
    }),
    kmsRoute({
      method: 'DELETE',
      url: '/api/v2/keys/:id',
      schema: keySchemas.delete,
      action: 'hs-crypto.secrets.delete',
      target,
      operation: (request, seen) => {
        const wish = () => ({ force: parseForce(request.query), representation: prefersToSee(request) })
        const operation = deleteKey(request, idOf(request), wish, parts)
        return answer(operation, seen, (key) => deletedKey(request, key, parts))
      },
    }),
    kmsRoute({
      method: 'DELETE',
      url: '/api/v2/keys/:id/purge',
      schema: keySchemas.purge,
      action: 'hs-crypto.secrets.purge',
      target,
      operation: (request, seen) => {
        const operation = purgeKey(request, idOf(request), { representation: prefersToSee(request) }, parts)
        return answer(operation, seen, (key) => purgedKey(request, key, parts))
      },
    }),
    kmsRoute({
      method: 'PATCH',
      url: '/api/v2/keys/:id',
      schema: keySchemas.patch,
      action: 'hs-crypto.secrets.patch',
      target,
      operation: (request, seen) =>
        answer(
          patchKey(request, idOf(request), () => parsePatch(request.body()), parts),
          seen,
          (key) => oneKey(request, key, parts),
        ),
    }),
  ]
}
