/** KMIP management over HTTP (reference section 7.10): each route with its action, its parser and the form of its answer. */
import { answering } from '../../http/answer.ts'
import { type InstanceRequest, type KmsRoute, kmsRoute } from '../../http/witnessed.ts'
import { parseAdapter, parseCertificateBody } from './body.ts'
import { createAdapter } from './create-adapter.ts'
import { createCertificate } from './create-certificate.ts'
import { deleteAdapter } from './delete-adapter.ts'
import { deleteCertificate } from './delete-certificate.ts'
import { deleteObject } from './delete-object.ts'
import { kmipSchemas } from './description.ts'
import { listAdapters } from './list-adapters.ts'
import { listCertificates } from './list-certificates.ts'
import { listObjects } from './list-objects.ts'
import { wholeObject } from './listed-object.ts'
import type { KmipParts } from './parts.ts'
import { parseAdapterList, parseAllowExpiringKey, parseForce, parseObjectList, parsePage } from './query.ts'
import { readAdapter } from './read-adapter.ts'
import { readCertificate } from './read-certificate.ts'
import { readObject } from './read-object.ts'
import {
  adapterResource,
  certificateResource,
  kmipEnvelope,
  kmipPage,
  objectPage,
  objectResource,
  wholeCertificateResource,
} from './resource.ts'

const adapters = '/api/v2/kmip_adapters'
const adapter = `${adapters}/:adapter`

export function kmipManagementRoutes(parts: KmipParts): readonly KmsRoute[] {
  return [...adapterRoutes(parts), ...certificateRoutes(parts), ...objectRoutes(parts)]
}

function adapterRoutes(parts: KmipParts): KmsRoute[] {
  return [
    kmsRoute({
      method: 'GET',
      url: adapters,
      schema: kmipSchemas.listAdapters,
      action: 'hs-crypto.kmip-management.list',
      operation: (request, seen) =>
        answering(
          listAdapters(request, () => parseAdapterList(request.query), parts),
          (listed) => ({ body: kmipPage('kmip_adapter', listed, adapterResource) }),
        )(seen),
    }),
    kmsRoute({
      method: 'POST',
      url: adapters,
      schema: kmipSchemas.createAdapter,
      action: 'hs-crypto.kmip-management.create',
      saysWhat: true,
      operation: (request, seen) => {
        const wish = () => ({
          allowExpiringKey: parseAllowExpiringKey(request.query),
          ...parseAdapter(request.body()),
        })
        return answering(createAdapter(request, wish, parts), (made) => ({
          body: kmipEnvelope('kmip_adapter', [adapterResource(made)]),
        }))(seen)
      },
    }),
    kmsRoute({
      method: 'GET',
      url: adapter,
      schema: kmipSchemas.readAdapter,
      action: 'hs-crypto.kmip-management.read',
      operation: (request, seen) =>
        answering(readAdapter(request, named(request, 'adapter'), parts), (found) => ({
          body: kmipEnvelope('kmip_adapter', [adapterResource(found)]),
        }))(seen),
    }),
    kmsRoute({
      method: 'DELETE',
      url: adapter,
      schema: kmipSchemas.deleteAdapter,
      action: 'hs-crypto.kmip-management.delete',
      operation: (request, seen) =>
        answering(deleteAdapter(request, named(request, 'adapter'), parts), () => ({}))(seen),
    }),
  ]
}

function certificateRoutes(parts: KmipParts): KmsRoute[] {
  const url = `${adapter}/certificates`
  const now = () => parts.clock.now()
  return [
    kmsRoute({
      method: 'GET',
      url,
      schema: kmipSchemas.listCertificates,
      action: 'hs-crypto.kmip-management.list',
      operation: (request, seen) =>
        answering(
          listCertificates(request, named(request, 'adapter'), () => parsePage(request.query), parts),
          (listed) => ({ body: kmipPage('kmip_client_certificate', listed, (row) => certificateResource(row, now())) }),
        )(seen),
    }),
    kmsRoute({
      method: 'POST',
      url,
      schema: kmipSchemas.createCertificate,
      action: 'hs-crypto.kmip-management.create',
      saysWhat: true,
      operation: (request, seen) =>
        answering(
          createCertificate(request, named(request, 'adapter'), () => parseCertificateBody(request.body()), parts),
          (made) => ({ body: kmipEnvelope('kmip_client_certificate', [wholeCertificateResource(made, now())]) }),
        )(seen),
    }),
    kmsRoute({
      method: 'GET',
      url: `${url}/:certificate`,
      schema: kmipSchemas.readCertificate,
      action: 'hs-crypto.kmip-management.read',
      operation: (request, seen) =>
        answering(
          readCertificate(request, named(request, 'adapter'), named(request, 'certificate'), parts),
          (found) => ({ body: kmipEnvelope('kmip_client_certificate', [wholeCertificateResource(found, now())]) }),
        )(seen),
    }),
    kmsRoute({
      method: 'DELETE',
      url: `${url}/:certificate`,
      schema: kmipSchemas.deleteCertificate,
      action: 'hs-crypto.kmip-management.delete',
      operation: (request, seen) =>
        answering(
          deleteCertificate(request, named(request, 'adapter'), named(request, 'certificate'), parts),
          () => ({}),
        )(seen),
    }),
  ]
}

function objectRoutes(parts: KmipParts): KmsRoute[] {
  const url = `${adapter}/kmip_objects`
  return [
    kmsRoute({
      method: 'GET',
      url,
      schema: kmipSchemas.listObjects,
      action: 'hs-crypto.kmip-management.list',
      operation: (request, seen) =>
        answering(
          listObjects(request, named(request, 'adapter'), () => parseObjectList(request.query), parts),
          (listed) => ({ body: objectPage(listed) }),
        )(seen),
    }),
    kmsRoute({
      method: 'GET',
      url: `${url}/:object`,
      schema: kmipSchemas.readObject,
      action: 'hs-crypto.kmip-management.read',
      operation: (request, seen) =>
        answering(readObject(request, named(request, 'adapter'), named(request, 'object'), parts), (found) => ({
          body: kmipEnvelope('kmip_object', [objectResource(wholeObject(found))]),
        }))(seen),
    }),
    kmsRoute({
      method: 'DELETE',
      url: `${url}/:object`,
      schema: kmipSchemas.deleteObject,
      action: 'hs-crypto.kmip-management.delete',
      operation: (request, seen) => {
        const wish = () => ({ force: parseForce(request.query) })
        return answering(
          deleteObject(request, named(request, 'adapter'), named(request, 'object'), wish, parts),
          () => ({}),
        )(seen)
      },
    }),
  ]
}

function named(request: InstanceRequest, parameter: string): string {
  return request.params[parameter] ?? ''
}
