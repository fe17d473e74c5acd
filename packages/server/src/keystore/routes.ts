/** `/v1/keystores/{instance}/…`: EP11 keystores over HTTP, each route with its action, its parser and its answer. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { AcceptedCertificates } from '../certificates/anchors.ts'
import { answering } from '../http/answer.ts'
import {
  addInstanceRoute,
  type InstanceCall,
  instanceCall,
  type InstanceRoute,
  type InstanceRouteParts,
  type OwnInstanceRequest,
} from '../http/instance-route.ts'
import { Refusal } from '../errors.ts'
import type { Identities } from '../iam/identities.ts'
import { idOf } from './admit.ts'
import { createKeystore } from './create-keystore.ts'
import { deleteKey } from './delete-key.ts'
import { deleteKeystore } from './delete-keystore.ts'
import type { KeystoreRow, StoredObject } from './keystore-row.ts'
import { listKeysByAttributes } from './list-keys-by-attributes.ts'
import { listKeysByIds } from './list-keys-by-ids.ts'
import { listKeystoresByAttributes } from './list-keystores-by-attributes.ts'
import { listKeystoresByIds } from './list-keystores-by-ids.ts'
import type { ObjectPage } from './object-pages.ts'
import type { KeystoreCall, KeystoreParts } from './parts.ts'
import {
  asksByAttributes,
  ChangedKey,
  KeyListQuery,
  KeystoreListQuery,
  NewKey,
  NewKeystore,
  parseIds,
  parseKeysByIds,
  parseKeystore,
  parseKeystoreQuery,
  parseNewKey,
  parseSearch,
  parseUpdate,
  Search,
  versionOf,
} from './request.ts'
import { etagOf, keystoreResource, keystoreResources, KeystoreView, objectResource, ObjectView } from './resource.ts'
import { storeNewKey } from './store-new-key.ts'
import { updateKey } from './update-key.ts'

const keystores = '/v1/keystores/:instance'
const keystore = `${keystores}/:keystore`
const keys = `${keystore}/keys`
const key = `${keys}/:key`
const tags = ['keystores']
const Next = Type.Union([Type.String(), Type.Null()])
const Keystores = Type.Object({ keystores: Type.Array(KeystoreView), next: Next })
const Objects = Type.Object({ keys: Type.Array(ObjectView), next: Next })
const Matching = Type.Object({ 'if-match': Type.Optional(Type.String({ description: 'ETag of what was read.' })) })

export interface KeystoreRouteParts extends InstanceRouteParts {
  /** By which certificates clients of an instance are known. */
  readonly accepted: (instance: string) => AcceptedCertificates
  /** Who made a keystore is told by name, too. */
  readonly identities: Pick<Identities, 'namesOf'>
}

export function addKeystoreRoutes(app: FastifyInstance, http: KeystoreRouteParts, parts: KeystoreParts): void {
  for (const route of [...keystoreRoutes(parts, namesBy(http)), ...keyRoutes(parts)]) {
    const choose = (query: URLSearchParams): InstanceCall => withoutCertificates(route.choose(query), http)
    addInstanceRoute(app, http, { ...route, choose })
  }
}

/** HTTP asks nobody for a certificate: while clients of an instance need one, it leads to no keystore. */
function withoutCertificates(call: InstanceCall, { accepted }: KeystoreRouteParts): InstanceCall {
  return {
    action: call.action,
    operation: async (request, seen) => {
      const { anchors, condition } = accepted(request.instance.guid)
      if (anchors.length > 0) throw new Refusal('KEYSTORE_OVER_EP11_ONLY')
      const { conditions = [], ...done } = await call.operation(request, seen)
      return { ...done, conditions: [...conditions, condition] }
    },
  }
}

/** Of those who made the keystores, by their ids: one statement for however many. */
type NamesOf = (call: KeystoreCall, found: readonly KeystoreRow[]) => ReadonlyMap<string, string>

function namesBy({ identities }: Pick<KeystoreRouteParts, 'identities'>): NamesOf {
  return ({ instance }, found) =>
    identities.namesOf(
      instance.account,
      found.map(({ createdBy }) => createdBy),
    )
}

function keystoreRoutes(parts: KeystoreParts, namesOf: NamesOf): InstanceRoute[] {
  return [
    {
      method: 'GET',
      url: keystores,
      schema: {
        tags,
        summary: 'List EP11 keystores, by their ids or by type and name',
        querystring: KeystoreListQuery,
        response: { 200: Keystores },
      },
      choose: (query) =>
        asksByAttributes(query) ? keystoresByAttributes(parts, namesOf) : keystoresByIds(parts, namesOf),
    },
    {
      method: 'POST',
      url: keystores,
      schema: { tags, summary: 'Create an EP11 keystore', body: NewKeystore, response: { 201: KeystoreView } },
      choose: only(
        instanceCall({
          action: 'hs-crypto.keystore.createkeystore',
          operation: (request, seen) =>
            answering(
              createKeystore(request, () => parseKeystore(request.body()), parts),
              (made) => ({ body: keystoreResource(made, namesOf(request, [made])), headers: { etag: etagOf(made) } }),
            )(seen),
        }),
      ),
    },
    {
      method: 'GET',
      url: keystore,
      schema: { tags, summary: 'Read an EP11 keystore', response: { 200: KeystoreView } },
      choose: only(
        instanceCall({
          action: 'hs-crypto.keystore.listkeystoresbyids',
          operation: async (request, seen) => {
            const id = idOf(request.params['keystore'] ?? '')
            const done = await listKeystoresByIds(request, () => existingIds(id), parts)(seen)
            const [found] = done.result
            if (found === undefined) throw new Refusal('NOT_FOUND', { message: 'The instance has no such keystore.' })
            return {
              ...done,
              result: { body: keystoreResource(found, namesOf(request, [found])), headers: { etag: etagOf(found) } },
            }
          },
        }),
      ),
    },
    {
      method: 'DELETE',
      url: keystore,
      schema: { tags, summary: 'Delete an EP11 keystore with all that is in it', headers: Matching },
      choose: only(
        instanceCall({
          action: 'hs-crypto.keystore.deletekeystore',
          operation: (request, seen) =>
            answering(
              deleteKeystore(request, named(request).keystore, () => versionOf(request), parts),
              () => ({}),
            )(seen),
        }),
      ),
    },
    {
      method: 'POST',
      url: `${keystores}/search`,
      schema: { tags, summary: 'Find keys and other objects by attributes', body: Search, response: { 200: Objects } },
      choose: only(
        instanceCall({
          action: 'hs-crypto.keystore.listkeysbyattributes',
          operation: (request, seen) =>
            answering(
              listKeysByAttributes(request, () => parseSearch(request.body()), parts),
              pageAnswer,
            )(seen),
        }),
      ),
    },
  ]
}

function keystoresByIds(parts: KeystoreParts, namesOf: NamesOf): InstanceCall {
  return instanceCall({
    action: 'hs-crypto.keystore.listkeystoresbyids',
    operation: (request, seen) =>
      answering(
        listKeystoresByIds(request, () => parseIds(request.query), parts),
        (found) => ({ body: { keystores: keystoreResources(found, namesOf(request, found)), next: null } }),
      )(seen),
  })
}

function keystoresByAttributes(parts: KeystoreParts, namesOf: NamesOf): InstanceCall {
  return instanceCall({
    action: 'hs-crypto.keystore.listkeystoresbyattributes',
    operation: (request, seen) =>
      answering(
        listKeystoresByAttributes(request, () => parseKeystoreQuery(request.query), parts),
        ({ keystores: found, next }) => ({
          body: { keystores: keystoreResources(found, namesOf(request, found)), next: tokenText(next) },
        }),
      )(seen),
  })
}

function keyRoutes(parts: KeystoreParts): InstanceRoute[] {
  return [
    {
      method: 'GET',
      url: keys,
      schema: {
        tags,
        summary: 'List the keys and other objects of an EP11 keystore',
        querystring: KeyListQuery,
        response: { 200: Objects },
      },
      choose: only(
        instanceCall({
          action: 'hs-crypto.keystore.listkeysbyids',
          operation: (request, seen) =>
            answering(
              listKeysByIds(request, named(request).keystore, () => parseKeysByIds(request.query), parts),
              pageAnswer,
            )(seen),
        }),
      ),
    },
    {
      method: 'POST',
      url: keys,
      schema: { tags, summary: 'Store a key, certificate or data', body: NewKey, response: { 201: ObjectView } },
      choose: only(
        instanceCall({
          action: 'hs-crypto.keystore.storenewkey',
          operation: (request, seen) =>
            answering(
              storeNewKey(request, named(request).keystore, () => parseNewKey(request.body()), parts),
              objectAnswer,
            )(seen),
        }),
      ),
    },
    {
      method: 'GET',
      url: key,
      schema: { tags, summary: 'Read a key or other object', response: { 200: ObjectView } },
      choose: only(
        instanceCall({
          action: 'hs-crypto.keystore.listkeysbyids',
          operation: async (request, seen) => {
            const { keystore: id, key: keyId } = named(request)
            const wish = () => ({ ids: existingIds(keyId), withObjects: true, limit: 1, token: undefined })
            const done = await listKeysByIds(request, id, wish, parts)(seen)
            const [found] = done.result.objects
            if (found === undefined) throw new Refusal('NOT_FOUND', { message: 'The keystore has no such object.' })
            return { ...done, result: objectAnswer(found) }
          },
        }),
      ),
    },
    {
      method: 'PATCH',
      url: key,
      schema: {
        tags,
        summary: 'Replace a key by another form of itself, or change its attributes',
        headers: Matching,
        body: ChangedKey,
        response: { 200: ObjectView },
      },
      choose: only(
        instanceCall({
          action: 'hs-crypto.keystore.updatekey',
          operation: (request, seen) =>
            answering(
              updateKey(request, named(request), () => parseUpdate(request), parts),
              objectAnswer,
            )(seen),
        }),
      ),
    },
    {
      method: 'DELETE',
      url: key,
      schema: { tags, summary: 'Delete a key or other object', headers: Matching },
      choose: only(
        instanceCall({
          action: 'hs-crypto.keystore.deletekey',
          operation: (request, seen) =>
            answering(
              deleteKey(request, named(request), () => versionOf(request), parts),
              () => ({}),
            )(seen),
        }),
      ),
    },
  ]
}

function only(call: InstanceCall): () => InstanceCall {
  return () => call
}

/** What the path names, as it is kept. */
function named({ params }: OwnInstanceRequest): { keystore: string | undefined; key: string | undefined } {
  return { keystore: idOf(params['keystore'] ?? ''), key: idOf(params['key'] ?? '') }
}

/** What cannot be an id is the id of nothing. @throws Refusal `NOT_FOUND` */
function existingIds(id: string | undefined): string[] {
  if (id === undefined) throw new Refusal('NOT_FOUND')
  return [id]
}

function pageAnswer({ objects, next }: ObjectPage): { body: object } {
  return { body: { keys: objects.map(objectResource), next: tokenText(next) } }
}

function objectAnswer(stored: StoredObject): { body: object; headers: Record<string, string> } {
  return { body: objectResource(stored), headers: { etag: etagOf(stored) } }
}

function tokenText(token: Buffer | undefined): string | null {
  return token === undefined ? null : token.toString('base64url')
}
