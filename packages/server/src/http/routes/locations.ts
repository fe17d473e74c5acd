/** `/v1/locations`: where instances may be made, and where clients of other protocols find this server. */
import { X509Certificate } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Clock } from '../../clock.ts'
import { accountCrn } from '../../iam/names.ts'
import { dateStanding, describeCertificate, fingerprintOf } from '../../tls/certificate-pem.ts'
import type { ShownCertificate } from '../../tls/files.ts'
import type { Door } from '../door.ts'
import { timestamp, Timestamp } from '../schema.ts'
import { addUnrecordedRoute } from '../unrecorded-route.ts'

/** A listener of this process. */
export interface Endpoint {
  /** As the settings name it; undefined when it listens on all addresses. */
  readonly host: string | undefined
  readonly port: number
  readonly shown: () => ShownCertificate
}

/** Those that there are. */
export interface Endpoints {
  readonly kmip?: Endpoint
  readonly ep11?: { readonly public?: Endpoint; readonly private?: Endpoint }
}

export interface LocationRouteParts {
  readonly door: Door
  /** Locations that accounts and instances may be in. */
  readonly locations: readonly string[]
  /** Of the listeners that are open now. */
  readonly endpoints: () => Endpoints
  readonly clock: Pick<Clock, 'now'>
}

const EndpointView = Type.Object({
  host: Type.Optional(Type.String({ description: 'As it is configured; none when it listens on all addresses.' })),
  port: Type.Integer(),
  fingerprint: Type.String({ description: 'SHA-256 of the certificate that clients see, hexadecimal.' }),
  subject: Type.String(),
  notBefore: Timestamp,
  notAfter: Timestamp,
  standing: Type.Union([Type.Literal('valid'), Type.Literal('expired'), Type.Literal('not_yet_valid')]),
  caCertificate: Type.Optional(
    Type.String({ description: 'PEM, for clients to trust; none when the certificate is the operator’s own.' }),
  ),
  caFingerprint: Type.Optional(Type.String()),
})
const View = Type.Object({
  home: Type.String({ description: 'Location of the account: its own events are there.' }),
  locations: Type.Array(Type.String(), { description: 'Where instances may be made.' }),
  endpoints: Type.Object({
    kmip: Type.Optional(EndpointView),
    ep11: Type.Optional(Type.Object({ public: Type.Optional(EndpointView), private: Type.Optional(EndpointView) })),
  }),
})

export function addLocationRoute(
  app: FastifyInstance,
  { door, locations, endpoints, clock }: LocationRouteParts,
): void {
  const homeOf = (account: string): string => door.accounts.find(account)?.home ?? ''
  addUnrecordedRoute(app, door, {
    url: '/v1/locations',
    schema: {
      tags: ['instances'],
      summary: 'Where instances may be made, and the listeners for KMIP and EP11',
      response: { 200: View },
    },
    action: 'hs-crypto.instance.list',
    place: () => undefined,
    target: ({ caller }) => ({ id: accountCrn(door.cname, caller.account), name: '' }),
    permit: () => undefined,
    content: (_permitted, { caller }) => ({
      body: {
        home: homeOf(caller.account),
        locations: locations.toSorted(),
        endpoints: viewOf(endpoints(), clock.now()),
      },
      type: 'application/json; charset=utf-8',
    }),
  })
}

function viewOf({ kmip, ep11 }: Endpoints, now: number): object {
  const { public: open, private: inner } = ep11 ?? {}
  return {
    ...(kmip === undefined ? {} : { kmip: endpointView(kmip, now) }),
    ...(ep11 === undefined
      ? {}
      : {
          ep11: {
            ...(open === undefined ? {} : { public: endpointView(open, now) }),
            ...(inner === undefined ? {} : { private: endpointView(inner, now) }),
          },
        }),
  }
}

function endpointView({ host, port, shown }: Endpoint, now: number): object {
  const { cert, authority } = shown()
  const certificate = new X509Certificate(cert)
  const { subject, notBefore, notAfter } = describeCertificate(certificate)
  return {
    ...(host === undefined ? {} : { host }),
    port,
    fingerprint: fingerprintOf(certificate.raw),
    subject,
    notBefore: timestamp(notBefore),
    notAfter: timestamp(notAfter),
    standing: dateStanding({ notBefore, notAfter }, now),
    ...(authority === undefined
      ? {}
      : { caCertificate: authority, caFingerprint: fingerprintOf(new X509Certificate(authority).raw) }),
  }
}
