/** `/v1/session`: signing in to the console with a one-time link or an API key, and out again. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Caller } from '../../caller.ts'
import type { Clock } from '../../clock.ts'
import { Refusal } from '../../errors.ts'
import type { ApiKeys } from '../../iam/api-keys.ts'
import type { Identity } from '../../iam/identities.ts'
import { isUsable } from '../../iam/issue-token.ts'
import { identityCrn } from '../../iam/names.ts'
import { rightsOf } from '../../iam/rights.ts'
import type { RoleGrants } from '../../iam/role-grants.ts'
import { newSessionToken, type RandomBytes } from '../../iam/secret.ts'
import {
  deleteSession,
  insertSession,
  type Session,
  type Sessions,
  sessionLifetimeMs,
  deleteSignInLink,
} from '../../iam/sessions.ts'
import type { Change } from '../../store/store.ts'
import { type Answer, answer } from '../answer.ts'
import { callerOf, isOpen, sessionCookie, sessionTokenOf } from '../authenticate.ts'
import { jsonBody } from '../body.ts'
import { refuseForeignOrigin } from '../cross-site.ts'
import { accountCircumstances, type Door, passDoor, recordDenied } from '../door.ts'
import { bodyReader, ScopeView, timestamp, Timestamp } from '../schema.ts'

export interface SessionRouteParts {
  readonly door: Door
  readonly apiKeys: Pick<ApiKeys, 'present'>
  readonly sessions: Sessions
  readonly grants: Pick<RoleGrants, 'inForce'>
  readonly clock: Pick<Clock, 'now'>
  readonly random: RandomBytes
}

const SignIn = Type.Object(
  {
    link: Type.Optional(Type.String({ maxLength: 128, description: 'Token of a one-time sign-in link.' })),
    apikey: Type.Optional(Type.String({ maxLength: 128 })),
  },
  { additionalProperties: false, minProperties: 1, maxProperties: 1 },
)

const SessionView = Type.Object({
  identity: Type.Object({ id: Type.String(), name: Type.String(), kind: Type.String() }),
  account: Type.String(),
  expiresAt: Timestamp,
  rights: Type.Array(
    Type.Object({
      scope: ScopeView,
      roles: Type.Array(Type.String()),
      can: Type.Array(Type.String(), {
        description:
          'Permissions, such as trail.read. Those of the account count for all its instances and trackers; those of a key ring, keystore or key for what lies in it.',
      }),
    }),
    {
      description:
        'What the caller’s own roles permit, by where they were granted. For showing only: each call is decided anew.',
    },
  ),
})

const url = '/v1/session'

export function addSessionRoutes(app: FastifyInstance, parts: SessionRouteParts): void {
  const read = bodyReader(SignIn)
  app.post(
    url,
    {
      config: { errorForm: 'problem' },
      schema: {
        tags: ['session'],
        summary: 'Sign in to the console',
        security: [],
        body: SignIn,
        response: { 200: SessionView },
      },
    },
    (request, reply) => signIn(request, reply, parts, read),
  )
  app.get(
    url,
    {
      config: { errorForm: 'problem' },
      schema: {
        tags: ['session'],
        summary: 'The open session, and what its roles permit',
        response: { 200: SessionView },
      },
    },
    (request, reply) => showSession(request, reply, parts),
  )
  app.delete(
    url,
    { config: { errorForm: 'problem' }, schema: { tags: ['session'], summary: 'Sign out' } },
    (request, reply) => signOut(request, reply, parts),
  )
}

/** Whom a link or an API key names, whether it still opens, and what opening takes besides the session's own row. */
interface Admission {
  readonly identity: Identity
  readonly isGood: boolean
  readonly apiKey: string | null
  readonly method: 'link' | 'apikey'
  readonly changes: readonly Change[]
}

async function signIn(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: SessionRouteParts,
  read: ReturnType<typeof bodyReader<typeof SignIn>>,
): Promise<FastifyReply> {
  const { door } = parts
  const action = 'iam-identity.session.create'
  request.action = action
  const refused = async (refusal: unknown, caller?: Caller): Promise<unknown> =>
    refusal instanceof Refusal
      ? recordDenied(door, request, action, door.authenticator.denied(request, refusal, caller))
      : refusal
  let wish: { link?: string; apikey?: string }
  try {
    refuseForeignOrigin(request)
    wish = read((await jsonBody(request))())
  } catch (refusal) {
    throw await refused(refusal)
  }
  const admission = lookUp(wish, parts)
  // The same answer for what never was, was used, has expired or was disabled.
  if (admission === undefined) throw await refused(new Refusal('SIGN_IN_REFUSED'))
  const { identity, method } = admission
  const caller = callerOf(request, identity, method === 'apikey' ? 'apikey' : 'user')
  if (!admission.isGood) throw await refused(new Refusal('SIGN_IN_REFUSED'), caller)

  const token = newSessionToken(parts.random)
  const target = targetOf(door, identity)
  const witnessed = await door.audit.witness(action, accountCircumstances(door, request, caller), target, (seen) => {
    seen.request.method = method
    // Again, for this runs a second time when somebody used the link in between.
    const current = lookUp(wish, parts)
    if (current?.isGood !== true) throw new Refusal('SIGN_IN_REFUSED')
    // Whatever session the browser brought ends here: a fixed cookie never becomes a signed-in one.
    const before = door.authenticator.session(request)
    const now = parts.clock.now()
    seen.response.expirationDate = timestamp(now + sessionLifetimeMs)
    const room = parts.sessions.makeRoom(identity.id, now)
    const ended = before === undefined || room.some((change) => sameSession(change, before)) ? [] : [before]
    const answerTo: Answer = {
      body: viewOf(identity, now + sessionLifetimeMs, parts),
      headers: { 'set-cookie': cookieOf(request, token, sessionLifetimeMs / 1_000) },
    }
    return {
      code: 200,
      changes: [
        ...current.changes,
        ...room,
        ...ended.map(({ hash }) => deleteSession(hash)),
        insertSession(token, identity.id, current.apiKey, now),
      ],
      result: answerTo,
    }
  })
  return answer(reply, witnessed)
}

function lookUp(wish: { link?: string; apikey?: string }, parts: SessionRouteParts): Admission | undefined {
  if (wish.link !== undefined) {
    const link = parts.sessions.presentLink(wish.link)
    if (link === undefined) return undefined
    const isGood = link.expiresAt > parts.clock.now() && link.state === 'active'
    return { identity: link, isGood, apiKey: null, method: 'link', changes: [deleteSignInLink(link)] }
  }
  const key = parts.apiKeys.present(wish.apikey ?? '')
  if (key === undefined) return undefined
  const { identity: id, identityName: name, identityKind: kind, identityState: state } = key
  const identity: Identity = { ...key, id, name, kind, state, description: null }
  return { identity, isGood: isUsable(key), apiKey: key.id, method: 'apikey', changes: [] }
}

async function showSession(request: FastifyRequest, reply: FastifyReply, parts: SessionRouteParts): Promise<unknown> {
  const { door } = parts
  const session = door.authenticator.session(request)
  if (session === undefined) {
    // A console that was never signed in asks without a cookie; a cookie that is none of ours was guessed.
    if (sessionTokenOf(request) === undefined) throw new Refusal('UNAUTHENTICATED')
    const denied = door.authenticator.denied(request, new Refusal('UNAUTHENTICATED'))
    reply.header('set-cookie', cookieOf(request, '', 0))
    throw await recordDenied(door, request, 'iam-identity.session.create', denied)
  }
  if (!isOpen(session, parts.clock.now())) {
    reply.header('set-cookie', cookieOf(request, '', 0))
    throw new Refusal('UNAUTHENTICATED')
  }
  return reply.send(viewOf(session, session.expiresAt, parts))
}

function signOut(request: FastifyRequest, reply: FastifyReply, parts: SessionRouteParts): Promise<FastifyReply> {
  const { door } = parts
  return passDoor(door, request, reply, 'iam-identity.session.delete', (caller: Caller) => {
    const circumstances = accountCircumstances(door, request, caller)
    const session = door.authenticator.session(request)
    return {
      action: 'iam-identity.session.delete',
      circumstances,
      target: session === undefined ? { id: circumstances.logSourceCRN, name: '' } : targetOf(door, session),
      operation: () => {
        // A bearer token has no session to end.
        const open = door.authenticator.session(request)
        if (open === undefined || open.id !== caller.id) throw new Refusal('NOT_FOUND')
        return {
          code: 204,
          changes: [deleteSession(open.hash)],
          result: { headers: { 'set-cookie': cookieOf(request, '', 0) } },
        }
      },
    }
  })
}

function targetOf(door: Door, identity: Identity): { id: string; name: string } {
  return { id: identityCrn(door.cname, identity.account, identity.kind, identity.id), name: identity.name }
}

function sameSession(change: Change, session: Session): boolean {
  const [hash] = change.params
  return hash instanceof Uint8Array && Buffer.compare(hash, session.hash) === 0
}

function viewOf(identity: Identity, expiresAt: number, { grants }: SessionRouteParts): object {
  const { id, name, kind, account } = identity
  const rights = rightsOf(grants.inForce(account, id))
  return { identity: { id, name, kind }, account, expiresAt: timestamp(expiresAt), rights }
}

/** No script reads it, no other site sends it, over TLS nothing else carries it. An age of 0 takes it back. */
function cookieOf(request: FastifyRequest, value: string, maxAgeS: number): string {
  return request.server.serializeCookie(sessionCookie, value, {
    httpOnly: true,
    sameSite: 'strict',
    path: '/',
    secure: request.protocol === 'https',
    maxAge: maxAgeS,
  })
}
