/** A listener: the fastify instance for the public or the private network, with its limits and its manners. */
import type { Socket } from 'node:net'
import { fastifyCookie } from '@fastify/cookie'
import { type FastifyInstance, type FastifyRequest, type FastifyServerOptions, fastify } from 'fastify'
import type { Logger } from 'pino'
import { Refusal } from '../errors.ts'
import type { Instance } from '../instances/instance.ts'
import type { TlsMaterial } from '../tls/files.ts'
import { type ErrorForm, refuse } from './answer.ts'
import { acceptRawBodies } from './body.ts'
import { problemOf, problemType } from './problem.ts'
import { correlationIdOf } from './request-facts.ts'
import { readTarget } from './request-target.ts'
import { withoutTkePrefix } from './tke-path.ts'
import { securityHeaders } from './security-headers.ts'
import { WaitingAnswers, type WaitingBounds } from './waiting-answers.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** What arrives here came over the private network: no host address in events. */
    readonly isPrivate: boolean
    /** Answers an address that no route has, when it is a page of the console; set by http/console.ts. */
    consolePage: ((request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined) | undefined
  }
  interface FastifyRequest {
    /** Action the request was recognised as; set by the route before anything is decided. */
    action: string | undefined
    /** Id of the caller, once known. */
    holder: string | undefined
    /** Instance that a call of the key API is about, once it is known to be the caller's. */
    instance: Instance | undefined
  }
  interface FastifyContextConfig {
    errorForm?: ErrorForm
    /** Longest body of this route, where it is another than everywhere. */
    bodyBytes?: number
  }
}

/** Bounds of a listener. Times in milliseconds. */
const listenerLimits = {
  headerBytes: 16 * 1024,
  headerCount: 200,
  /** From the connection's or the last answer's end to the end of the headers. */
  headersMs: 10_000,
  /** To the end of the body. */
  requestMs: 30_000,
  /** Between requests on one connection. */
  keepAliveMs: 65_000,
  /** Without any byte either way. */
  idleMs: 120_000,
  connections: 12_000,
  /** How often slow connections are looked for. */
  sweepMs: 1_000,
} as const

/** What may wait for slow readers (lists of keys and events have a few megabytes). */
const waitingBounds: WaitingBounds = {
  answerBytes: 64 * 1024,
  holderBytes: 64 * 1024 * 1024,
  totalBytes: 128 * 1024 * 1024,
  unreadMs: 20_000,
}

/** What a listener reports; implemented by http/metrics.ts. */
export interface RequestObserver {
  answered(method: string, route: string, status: number, milliseconds: number): void
}

export interface ListenerOptions {
  readonly isPrivate: boolean
  readonly log: Logger
  /** Peers whose `X-Forwarded-For` counts: addresses or CIDR ranges. */
  readonly trustedProxies: readonly string[]
  readonly tls?: TlsMaterial
  readonly observer?: RequestObserver
  /** Tests may want other bounds. */
  readonly limits?: Partial<{ [Name in keyof typeof listenerLimits]: number }>
  readonly waiting?: WaitingBounds
}

/** A listener without routes yet. */
export function createListener(options: ListenerOptions): FastifyInstance {
  const limits = { ...listenerLimits, ...options.limits }
  const settings: FastifyServerOptions = {
    logger: false,
    genReqId: correlationIdOf,
    requestIdHeader: false,
    // First of all, so that routes, refusals and events decide on the same path whatever form the target came in.
    rewriteUrl: ({ url }) => withoutTkePrefix(readTarget(url ?? '/').url),
    trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
    connectionTimeout: limits.idleMs,
    keepAliveTimeout: limits.keepAliveMs,
    requestTimeout: limits.requestMs,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    // While draining, what still comes is refused by the audit door in the form of its route.
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => {
      const status = answerMalformed(error, socket)
      if (status !== undefined) options.observer?.answered('none', 'malformed', status, 0)
    },
    frameworkErrors: (_error, request, reply) => {
      reply.headers(headers).header('correlation-id', request.id)
      void refuse(request, reply, new Refusal('MALFORMED_REQUEST'))
    },
    routerOptions: {
      // Segments are bounded already; what a wildcard stands for may have many.
      maxParamLength: limits.headerBytes,
      // Routes read the query from the URL themselves, so that it is parsed once and only where it is wanted.
      querystringParser: () => ({}),
    },
  }
  const http = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    connectionsCheckingInterval: limits.sweepMs,
  }
  const app = (
    options.tls === undefined
      ? fastify({ ...settings, http })
      : fastify({ ...settings, https: { ...http, ...options.tls, minVersion: 'TLSv1.2' } } as FastifyServerOptions)
  ) as FastifyInstance
  app.server.maxConnections = limits.connections
  app.server.maxHeadersCount = limits.headerCount
  const headers = securityHeaders(options.tls !== undefined)

  app.decorate('isPrivate', options.isPrivate)
  app.decorate('consolePage', undefined)
  app.decorateRequest('action', undefined)
  app.decorateRequest('holder', undefined)
  app.decorateRequest('instance', undefined)
  acceptRawBodies(app)
  // Cookies are parsed only where one is looked for.
  app.register(fastifyCookie, { hook: false })
  // Bodies and queries are checked by the operation, after authentication: the schemas are for the description.
  app.setValidatorCompiler(() => () => true)
  app.addHook('onRequest', (request, reply, done) => {
    // Bodies are read as what the route expects, whatever their type says: one that says nonsense must not be a 415.
    if (request.headers['content-type'] !== undefined) request.headers['content-type'] = 'application/octet-stream'
    reply.headers(headers).header('correlation-id', request.id)
    done()
  })
  const waiting = new WaitingAnswers(options.waiting ?? waitingBounds, (bytes) =>
    options.log.info({ bytes }, 'an answer whose reader is slow was dropped'),
  )
  app.addHook('onSend', (request, reply, payload, done) => {
    if (typeof payload === 'string' || payload instanceof Uint8Array) {
      waiting.watch(request.holder ?? request.ip, Buffer.byteLength(payload), request.raw, reply.raw)
    }
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none'
    options.observer?.answered(request.method, route, reply.statusCode, reply.elapsedTime)
    const line = {
      correlationId: request.id,
      method: request.method,
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      ...(request.action === undefined ? {} : { action: request.action }),
    }
    if (reply.statusCode >= 500) options.log.warn(line, 'answered')
    else options.log.debug(line, 'answered')
    done()
  })
  app.setNotFoundHandler(
    (request, reply) => app.consolePage?.(request, reply) ?? refuse(request, reply, new Refusal('NOT_FOUND')),
  )
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof Refusal) return refuse(request, reply, error)
    if (hasLeft(request)) {
      options.log.debug({ correlationId: request.id }, 'a client left before its body ended')
      return refuse(request, reply, new Refusal('MALFORMED_REQUEST'))
    }
    options.log.error({ correlationId: request.id, err: error }, 'a request failed unexpectedly')
    return refuse(request, reply, new Refusal('INTERNAL'))
  })
  return app
}

/** Gives a listener with TLS its new certificate; connections that are open keep theirs. */
export function replaceCertificate(app: FastifyInstance, material: TlsMaterial): void {
  if (!('setSecureContext' in app.server)) throw new Error('the listener has no TLS')
  const server = app.server as typeof app.server & { setSecureContext(material: TlsMaterial): void }
  server.setSecureContext(material)
}

/** Whether the connection ended, by whichever side, before the body did. */
function hasLeft({ raw }: FastifyRequest): boolean {
  return raw.errored !== null && !raw.complete
}

/** Answers what is no HTTP request, too large a header or too slow, and closes. Undefined when nobody listens. */
function answerMalformed(error: Error & { code?: string }, socket: Socket): number | undefined {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return undefined
  }
  const [status, phrase]: readonly [number, string] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [431, 'Request Header Fields Too Large']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'Request Timeout']
        : [400, 'Bad Request']
  const problem = problemOf(new Refusal('MALFORMED_REQUEST'), 'none')
  const body = JSON.stringify({ ...problem, status, title: phrase })
  socket.end(
    `HTTP/1.1 ${status} ${phrase}\r\nConnection: close\r\nContent-Type: ${problemType}\r\n` +
      `X-Content-Type-Options: nosniff\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
  return status
}
