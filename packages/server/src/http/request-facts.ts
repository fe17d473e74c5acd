/** What a request says about itself before anybody believes it: correlation id, address, agent, harmless URI. */
import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { harmlessUri } from '@keywitness/cadf'
import type { FastifyRequest } from 'fastify'
import { readTarget, segmentsOf } from './request-target.ts'

/** Visible characters of a correlation id (reference: kms-rest-api.md, appendix B 44). */
const correlationIdPattern = /^[\x21-\x7e]{1,128}$/

/** The caller's own id when it is well-formed, else a new UUID. */
export function correlationIdOf(request: IncomingMessage): string {
  const given = request.headers['correlation-id']
  return typeof given === 'string' && correlationIdPattern.test(given) ? given : randomUUID()
}

/** The part after `?`, parsed; `+` is a blank. */
export function queryOf(request: FastifyRequest): URLSearchParams {
  const url = request.raw.url ?? ''
  const at = url.indexOf('?')
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1))
}

/** Segments of the path, decoded as routing has decoded them: for decisions that no route has made. */
export function pathSegments(request: FastifyRequest): string[] {
  return segmentsOf(request.raw.url ?? '/')
}

/** Whether the path cannot be decoded: such a request has a route, and is refused there once its caller is known. */
export function isMalformed(request: FastifyRequest): boolean {
  return readTarget(request.originalUrl).isMalformed
}

/** Path, with those parameters of the query that cannot hold a payload, a search text or a secret. */
export function requestUriOf(request: FastifyRequest): string {
  return harmlessUri(request.originalUrl)
}

const agentCharsMax = 256

/** User agent as events may carry it: printable ASCII, bounded. */
export function agentOf(headers: IncomingHttpHeaders): string | undefined {
  const agent = headers['user-agent']?.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, agentCharsMax)
  return agent === undefined || agent === '' ? undefined : agent
}

/** One value of a header, or undefined when it is missing or was sent more than once. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}
