/** `/v1/certs/{instance}/…`: administrators' keys and the certificates that clients of EP11 are issued by. */
import { certificateCommandHeaders } from '@keywitness/cadf'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { answering } from '../http/answer.ts'
import {
  addInstanceRoute,
  type InstanceCall,
  instanceCall,
  type InstanceRoute,
  type InstanceRouteParts,
} from '../http/instance-route.ts'
import { createAdminKey } from './create-admin-key.ts'
import { deleteAdminKey } from './delete-admin-key.ts'
import { deleteCertificate } from './delete-certificate.ts'
import { listCertificates } from './list-certificates.ts'
import type { CertificateParts } from './parts.ts'
import { readAdminKey } from './read-admin-key.ts'
import { readCertificate } from './read-certificate.ts'
import { bodyBytes, NewCertificate, NewKey, NextKey } from './request.ts'
import {
  certificateResource,
  CertificateView,
  enforcementResource,
  EnforcementView,
  keyResource,
  KeyView,
  ListQuery,
  listResource,
  ListView,
  NoKeyView,
  OrphansView,
  setResource,
  SetView,
} from './resource.ts'
import { setCertificate } from './set-certificate.ts'
import { updateAdminKey } from './update-admin-key.ts'

const root = '/v1/certs/:instance'
const key = `${root}/adminkey`
const certificates = `${root}/certs`
const certificate = `${certificates}/:certificate`
const tags = ['client certificates']

const Signed = Type.Object({
  [certificateCommandHeaders.keyId]: Type.String({ description: 'SHA-256 of the public key, hexadecimal.' }),
  [certificateCommandHeaders.timestamp]: Type.String({ description: 'Milliseconds since the epoch.' }),
  [certificateCommandHeaders.nonce]: Type.String({ description: '128 random bits, base64url.' }),
  [certificateCommandHeaders.signature]: Type.String({ description: 'Base64 of the ECDSA signature in DER.' }),
})

export function addCertificateRoutes(app: FastifyInstance, http: InstanceRouteParts, parts: CertificateParts): void {
  for (const route of [...keyRoutes(parts), ...certificateRoutes(parts)]) addInstanceRoute(app, http, route)
}

function keyRoutes(parts: CertificateParts): InstanceRoute[] {
  return [
    {
      method: 'POST',
      url: key,
      bodyBytes,
      schema: {
        tags,
        summary: "Create the caller's signature key",
        headers: Signed,
        body: NewKey,
        response: { 200: KeyView },
      },
      choose: counted(parts, (own) =>
        instanceCall({
          action: 'hs-crypto.mtlscert-admin-key.create',
          operation: (request, seen) =>
            answering(createAdminKey(request, own), (made) => ({ body: keyResource(made) }))(seen),
        }),
      ),
    },
    {
      method: 'PUT',
      url: key,
      bodyBytes,
      schema: {
        tags,
        summary: "Replace the caller's signature key",
        headers: Signed,
        body: NextKey,
        response: { 200: KeyView },
      },
      choose: counted(parts, (own) =>
        instanceCall({
          action: 'hs-crypto.mtlscert-admin-key.update',
          operation: (request, seen) =>
            answering(updateAdminKey(request, own), (made) => ({ body: keyResource(made) }))(seen),
        }),
      ),
    },
    {
      method: 'GET',
      url: key,
      schema: {
        tags,
        summary: "Read the caller's signature key, if there is one",
        response: { 200: Type.Union([KeyView, NoKeyView]) },
      },
      choose: () =>
        instanceCall({
          action: 'hs-crypto.mtlscert-admin-key.read',
          operation: (request, seen) =>
            answering(readAdminKey(request, parts), (found) => ({ body: keyResource(found) }))(seen),
        }),
    },
    {
      method: 'DELETE',
      url: key,
      bodyBytes,
      schema: { tags, summary: "Delete the caller's signature key", headers: Signed, response: { 200: OrphansView } },
      choose: counted(parts, (own) =>
        instanceCall({
          action: 'hs-crypto.mtlscert-admin-key.delete',
          operation: (request, seen) =>
            answering(deleteAdminKey(request, own), (orphanedCerts) => ({ body: { orphanedCerts } }))(seen),
        }),
      ),
    },
  ]
}

function certificateRoutes(parts: CertificateParts): InstanceRoute[] {
  return [
    {
      method: 'GET',
      url: certificates,
      schema: {
        tags,
        summary: "List the caller's certificates, or those of all administrators",
        querystring: ListQuery,
        response: { 200: ListView },
      },
      choose: () =>
        instanceCall({
          action: 'hs-crypto.mtlscert-cert.list',
          operation: (request, seen) =>
            answering(listCertificates(request, parts), (listed) => ({
              body: listResource(listed, request.instance, parts),
            }))(seen),
        }),
    },
    {
      method: 'PUT',
      url: certificate,
      bodyBytes,
      schema: {
        tags,
        summary: 'Set a certificate that clients may be issued by',
        headers: Signed,
        body: NewCertificate,
        response: { 200: SetView },
      },
      choose: counted(parts, (own) =>
        instanceCall({
          action: 'hs-crypto.mtlscert-cert.set',
          operation: (request, seen) =>
            answering(setCertificate(request, own), (made) => ({ body: setResource(made) }))(seen),
        }),
      ),
    },
    {
      method: 'GET',
      url: certificate,
      schema: { tags, summary: "Read one of the caller's certificates", response: { 200: CertificateView } },
      choose: () =>
        instanceCall({
          action: 'hs-crypto.mtlscert-cert.read',
          operation: (request, seen) =>
            answering(readCertificate(request, parts), (found) => ({ body: certificateResource(found) }))(seen),
        }),
    },
    {
      method: 'DELETE',
      url: certificate,
      bodyBytes,
      schema: {
        tags,
        summary: "Delete one of the caller's certificates",
        headers: Signed,
        response: { 200: EnforcementView },
      },
      choose: counted(parts, (own) =>
        instanceCall({
          action: 'hs-crypto.mtlscert-cert.delete',
          operation: (request, seen) =>
            answering(deleteCertificate(request, own), (after) => ({ body: enforcementResource(after) }))(seen),
        }),
      ),
    },
  ]
}

/** A call that decides again is still one command. */
function counted(parts: CertificateParts, call: (own: CertificateParts) => InstanceCall): () => InstanceCall {
  return () => {
    let verdict: boolean | undefined
    return call({ ...parts, mayCommand: (caller) => (verdict ??= parts.mayCommand(caller)) })
  }
}
