/** The key API over HTTP: each route with its action, its parser and the form of its answer. */
import type { ActionName } from '@keywitness/cadf'
import type { Done, Operation, Seen } from '../audit.ts'
import {
  type InstanceRequest,
  type KmsAnswer,
  type KmsCall,
  type KmsRoute,
  kmsCall,
  kmsChoice,
  kmsRoute,
} from '../http/witnessed.ts'
import { requestedTarget } from './admit.ts'
import { toBase64 } from './base64.ts'
import { parseCreate, parseRotate, parseUnwrap, parseWrap } from './body.ts'
import { createKey } from './create.ts'
import { deleteKey } from './delete.ts'
import { keySchemas } from './description.ts'
import { countKeys } from './head.ts'
import { refuseUnknown } from './invalid.ts'
import type { KeyRow } from './key-row.ts'
import { listKeys } from './list.ts'
import { readMetadata } from './metadata.ts'
import type { KeyParts } from './parts.ts'
import { parseForce, parseList, parseSelection, parseVersions } from './query.ts'
import { readKey } from './read.ts'
import { badQuery } from './refusals.ts'
import { keyEnvelope, keyResource, minimalKeyResource, versionEnvelope } from './resource.ts'
import { rewrapKey } from './rewrap.ts'
import { rotateKey } from './rotate.ts'
import { Turns } from './turns.ts'
import { unwrapKey } from './unwrap.ts'
import { listVersions } from './versions.ts'
import { wrapKey } from './wrap.ts'

type ActionWord = keyof typeof keySchemas.actions
const actionNames = Object.keys(keySchemas.actions) as ActionWord[]

/** All routes of the key family. What none of them takes is answered and recorded by the listener. */
export function keyRoutes(parts: KeyParts): readonly KmsRoute[] {
  const actions = keyActions(parts)
  return [
    ...collectionRoutes(parts),
    ...singleRoutes(parts),
    ...actionNames.map((name) =>
      kmsRoute({
        method: 'POST',
        url: `/api/v2/keys/:id/actions/${name}`,
        schema: keySchemas.actions[name],
        ...actions[name],
      }),
    ),
    kmsChoice({
      method: 'POST',
      url: '/api/v2/keys/:id',
      schema: keySchemas.legacyAction,
      choose: (query) => {
        const asked = query.getAll('action')
        const name = actionNames.find((known) => known === asked[0])
        return name === undefined || asked.length > 1 ? unknownAction(parts) : actions[name]
      },
    }),
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
          countKeys(request, () => parseSelection(request.query), parts),
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
        turns.take(() =>
          answer(
            listKeys(request, () => parseList(request.query), parts),
            seen,
            (keys) => {
              const shown = shownFor(request, parts)
              // Printed here, inside its turn: thousands of keys take as long to print as to read.
              const body = JSON.stringify(keyEnvelope(keys.map((key) => keyResource(key, shown))))
              return { body, headers: { 'content-type': 'application/json; charset=utf-8' } }
            },
          ),
        ),
    }),
    kmsRoute({
      method: 'POST',
      url: '/api/v2/keys',
      schema: keySchemas.create,
      action: 'hs-crypto.secrets.create',
      operation: (request, seen) => {
        const wantsPayload = request.prefer === 'representation'
        const create = createKey(request, () => parseCreate(request.body()), wantsPayload, parts)
        return answer(create, seen, ({ key, payload }) => {
          const shown = shownFor(request, parts)
          if (request.prefer === 'minimal') return { body: keyEnvelope([minimalKeyResource(key, shown)]) }
          return { body: keyEnvelope([withPayload(keyResource(key, shown), payload)]) }
        })
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
          body: keyEnvelope([withPayload(keyResource(key, shownFor(request, parts)), payload)]),
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
        const representation = request.prefer === 'representation'
        const wish = () => ({ force: parseForce(request.query), representation })
        return answer(deleteKey(request, idOf(request), wish, parts), seen, (key) =>
          representation ? oneKey(request, key, parts) : {},
        )
      },
    }),
  ]
}

/** The actions on a key, under the names both forms of address use: `/actions/<name>` and `?action=<name>`. */
function keyActions(parts: KeyParts): Readonly<Record<ActionWord, KmsCall>> {
  const target = targetKey
  return {
    wrap: kmsCall({
      action: 'hs-crypto.secrets.wrap',
      target,
      operation: (request, seen) =>
        answer(
          wrapKey(request, idOf(request), () => parseWrap(request.body()), parts),
          seen,
          (wrapped) => ({
            body: {
              ...(wrapped.plaintext === undefined ? {} : { plaintext: toBase64(wrapped.plaintext) }),
              ciphertext: wrapped.ciphertext,
              keyVersion: { id: wrapped.version },
            },
          }),
        ),
    }),
    unwrap: kmsCall({
      action: 'hs-crypto.secrets.unwrap',
      target,
      operation: (request, seen) =>
        answer(
          unwrapKey(request, idOf(request), () => parseUnwrap(request.body()), parts),
          seen,
          (opened) => ({
            body: {
              plaintext: toBase64(opened.plaintext),
              keyVersion: { id: opened.version },
              ...(opened.renewed === undefined
                ? {}
                : { ciphertext: opened.renewed.ciphertext, rewrappedKeyVersion: { id: opened.renewed.version } }),
            },
          }),
        ),
    }),
    rewrap: kmsCall({
      action: 'hs-crypto.secrets.rewrap',
      target,
      operation: (request, seen) =>
        answer(
          rewrapKey(request, idOf(request), () => parseUnwrap(request.body()), parts),
          seen,
          (moved) => ({
            body: {
              ciphertext: moved.ciphertext,
              keyVersion: { id: moved.version },
              rewrappedKeyVersion: { id: moved.rewrappedVersion },
            },
          }),
        ),
    }),
    rotate: kmsCall({
      action: 'hs-crypto.secrets.rotate',
      target,
      operation: (request, seen) =>
        answer(
          rotateKey(request, idOf(request), () => parseRotate(request.body()), parts),
          seen,
          () => ({}),
        ),
    }),
  }
}

/** What the older form of address names no action for. */
function unknownAction(parts: KeyParts): KmsCall {
  const refusal = () => badQuery('action', 'The action is not one that can be done to a key.')
  return kmsCall({
    action: 'hs-crypto.secrets.default',
    operation: (request, seen) => refuseUnknown(request, refusal, parts)(seen),
  })
}

/** Runs an operation and turns its result into the answer; status, changes and the rest stay as they are. */
async function answer<A extends ActionName, R>(
  operation: Operation<A, R>,
  seen: Seen<A>,
  render: (result: R) => KmsAnswer,
): Promise<Done<KmsAnswer>> {
  const done = await operation(seen)
  return { ...done, result: render(done.result) }
}

function idOf(request: InstanceRequest): string {
  return request.params['id'] ?? ''
}

function targetKey(request: InstanceRequest): { id: string; name: string } {
  return requestedTarget(request, idOf(request))
}

function shownFor(request: InstanceRequest, parts: KeyParts) {
  return { instance: request.instance, now: parts.clock.now(), limits: parts.limits }
}

function oneKey(request: InstanceRequest, key: KeyRow, parts: KeyParts): KmsAnswer {
  return { body: keyEnvelope([keyResource(key, shownFor(request, parts))]) }
}

function withPayload(resource: object, payload: string | undefined) {
  return payload === undefined ? { ...resource } : { ...resource, payload }
}
