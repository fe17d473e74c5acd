/** Who calls: bearer token or console session to caller, with rights looked up each time and failures told apart. */
import type { FastifyRequest } from 'fastify'
import type { Caller } from '../caller.ts'
import type { Clock } from '../clock.ts'
import { Refusal } from '../errors.ts'
import type { Bearers } from '../iam/bearer.ts'
import type { FloodControl } from '../iam/flood.ts'
import type { IdentityKind } from '../iam/names.ts'
import type { Session, Sessions } from '../iam/sessions.ts'
import { requireSameSite } from './cross-site.ts'
import { agentOf, headerOf } from './request-facts.ts'

export const sessionCookie = 'keywitness_session'

/** Authentication failed. `caller` is whom the credentials name when they are genuine but no longer good. */
export class Denied extends Error {
  readonly refusal: Refusal
  readonly caller: Caller
  /** False when flood control only counts it. */
  readonly isRecorded: boolean

  constructor(refusal: Refusal, caller: Caller, isRecorded: boolean) {
    super(refusal.message)
    this.name = 'Denied'
    this.refusal = refusal
    this.caller = caller
    this.isRecorded = isRecorded
  }
}

export interface Authenticator {
  /** @throws Denied */
  authenticate(request: FastifyRequest): Promise<Caller>
  /**
   * Whether what a request was let in with still lets in: for answers that go on. Read from the store each time; false
   * for a request that was never let in.
   */
  isStillGood(request: FastifyRequest): boolean
  /** The session a request carries, expired or not; undefined without one. */
  session(request: FastifyRequest): Session | undefined
  /** Makes a failure of another kind (a wrong API key) count like a failed authentication. */
  denied(request: FastifyRequest, refusal: Refusal, caller?: Caller): Denied
}

export interface AuthenticatorParts {
  readonly sessions: Sessions
  readonly bearers: Bearers
  readonly flood: FloodControl
  readonly clock: Clock
  /** Account that callers belong to who cannot be resolved. */
  readonly operatorAccount: () => string
  /** Told of each failure: whether it becomes an event or is only counted. */
  readonly failed?: (isRecorded: boolean) => void
}

export function createAuthenticator(parts: AuthenticatorParts): Authenticator {
  const letInWith = new WeakMap<FastifyRequest, () => boolean>()

  function denied(request: FastifyRequest, refusal: Refusal, caller?: Caller): Denied {
    const isRecorded = parts.flood.failed(request.ip, request.server.isPrivate, { protocol: 'HTTP' })
    parts.failed?.(isRecorded)
    return new Denied(refusal, caller ?? unknownCaller(request, parts.operatorAccount()), isRecorded)
  }

  async function byToken(request: FastifyRequest, token: string): Promise<Caller> {
    const bearer = await parts.bearers.of(token)
    if (bearer === undefined) throw denied(request, new Refusal('UNAUTHENTICATED'))
    const caller = callerOf(request, bearer, 'token')
    if (!bearer.isGood()) throw denied(request, new Refusal('UNAUTHENTICATED'), caller)
    letInWith.set(request, () => bearer.isGood())
    return caller
  }

  function session(request: FastifyRequest): Session | undefined {
    const token = sessionTokenOf(request)
    return token === undefined ? undefined : parts.sessions.present(token)
  }

  function bySession(request: FastifyRequest): Caller {
    const found = session(request)
    if (found === undefined) throw denied(request, new Refusal('UNAUTHENTICATED'))
    const caller = callerOf(request, found, 'user')
    if (!isOpen(found, parts.clock.now())) throw denied(request, new Refusal('UNAUTHENTICATED'), caller)
    try {
      requireSameSite(request)
    } catch (refusal) {
      if (refusal instanceof Refusal) throw denied(request, refusal, caller)
      throw refusal
    }
    letInWith.set(request, () => {
      const current = session(request)
      return current !== undefined && isOpen(current, parts.clock.now())
    })
    return caller
  }

  return {
    isStillGood: (request) => letInWith.get(request)?.() === true,
    denied,
    session,
    async authenticate(request) {
      const authorization = headerOf(request.headers, 'authorization')
      if (authorization !== undefined) {
        const token = /^Bearer +([\w.-]+)$/i.exec(authorization)?.[1]
        if (token === undefined) throw denied(request, new Refusal('UNAUTHENTICATED'))
        return byToken(request, token)
      }
      if (sessionTokenOf(request) === undefined) throw denied(request, new Refusal('UNAUTHENTICATED'))
      return bySession(request)
    },
  }
}

/** Neither expired nor of somebody, or opened with a key, that was disabled since. */
export function isOpen(session: Session, now: number): boolean {
  return session.expiresAt > now && session.state === 'active' && session.apiKeyState !== 'disabled'
}

export function sessionTokenOf(request: FastifyRequest): string | undefined {
  const header = headerOf(request.headers, 'cookie')
  return header === undefined ? undefined : request.server.parseCookie(header)[sessionCookie]
}

/** The caller as events show it: address only from public listeners. */
export function callerOf(
  request: FastifyRequest,
  identity: { readonly id: string; readonly name: string; readonly kind: IdentityKind; readonly account: string },
  credential: Caller['credential'],
): Caller {
  return {
    id: identity.id,
    name: identity.name,
    kind: identity.kind,
    account: identity.account,
    credential,
    ...wayOf(request),
  }
}

/** Somebody who cannot be resolved: told to the operator, never to the account they aimed at. */
function unknownCaller(request: FastifyRequest, operatorAccount: string): Caller {
  return {
    id: 'unknown',
    name: 'unknown',
    kind: 'unknown',
    account: operatorAccount,
    credential: 'none',
    ...wayOf(request),
  }
}

function wayOf(request: FastifyRequest): Pick<Caller, 'address' | 'agent' | 'isPrivate'> {
  const agent = agentOf(request.headers)
  const { isPrivate } = request.server
  return {
    isPrivate,
    ...(isPrivate ? {} : { address: request.ip }),
    ...(agent === undefined ? {} : { agent }),
  }
}
