/** Defence against requests that another site makes a signed-in browser send. */
import type { FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'
import { headerOf } from './request-facts.ts'

/** Sent by the console; a page of another origin cannot set it without asking first, and is never allowed to. */
const consoleHeader = 'x-keywitness-console'

/**
 * For requests authenticated by the session cookie. Reading needs no header (SameSite=Strict keeps the cookie at
 * home), but a browser that says it comes from elsewhere is refused all the same.
 * @throws Refusal `CROSS_SITE_REFUSED`
 */
export function requireSameSite(request: FastifyRequest): void {
  refuseForeignOrigin(request)
  if (request.method === 'GET' || request.method === 'HEAD') return
  if (headerOf(request.headers, consoleHeader) !== '1') throw new Refusal('CROSS_SITE_REFUSED')
  const says = headerOf(request.headers, 'origin') ?? headerOf(request.headers, 'sec-fetch-site')
  if (says === undefined) throw new Refusal('CROSS_SITE_REFUSED')
}

/**
 * For signing in, where there is no cookie yet: whoever is no browser sends neither header and passes.
 * @throws Refusal `CROSS_SITE_REFUSED`
 */
export function refuseForeignOrigin(request: FastifyRequest): void {
  const site = headerOf(request.headers, 'sec-fetch-site')
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw new Refusal('CROSS_SITE_REFUSED')
  const origin = headerOf(request.headers, 'origin')
  if (origin !== undefined && origin !== `${request.protocol}://${request.host}`) {
    throw new Refusal('CROSS_SITE_REFUSED')
  }
}
