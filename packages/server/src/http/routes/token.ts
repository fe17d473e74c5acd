/** `/identity/token`, `/oidc/token` and `/identity/keys`: the token issuer as IAM's clients expect it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Refusal } from '../../errors.ts'
import type { ApiKeys, PresentedApiKey } from '../../iam/api-keys.ts'
import { apiKeyOf, isUsable, issueToken, type TokenParts } from '../../iam/issue-token.ts'
import { accountResourceCrn } from '../../iam/names.ts'
import { type Answer, answer, answering } from '../answer.ts'
import { callerOf } from '../authenticate.ts'
import { inflatedBody } from '../body.ts'
import { accountCircumstances, type Door, recordDenied } from '../door.ts'
import { queryOf } from '../request-facts.ts'

export interface TokenRouteParts extends TokenParts {
  readonly door: Door
  readonly apiKeys: Pick<ApiKeys, 'present'>
}

const action = 'iam-identity.apikey.login'

export function addTokenRoutes(app: FastifyInstance, parts: TokenRouteParts): void {
  for (const url of ['/identity/token', '/oidc/token']) {
    app.post(
      url,
      {
        config: { errorForm: 'issuer' },
        schema: {
          tags: ['identity'],
          summary: 'An access token for an API key',
          consumes: ['application/x-www-form-urlencoded'],
          security: [],
          body: Type.Object({ grant_type: Type.String(), apikey: Type.String() }),
          response: { 200: TokenResponse },
        },
      },
      (request, reply) => issue(request, reply, parts),
    )
  }
  app.get(
    '/identity/keys',
    { schema: { tags: ['identity'], summary: 'Public keys that verify access tokens (JWKS)', security: [] } },
    (_request, reply) => reply.header('cache-control', 'public, max-age=300').send({ keys: parts.keys.published() }),
  )
}

const TokenResponse = Type.Object({
  access_token: Type.String(),
  refresh_token: Type.String(),
  token_type: Type.String(),
  expires_in: Type.Integer(),
  expiration: Type.Integer(),
  scope: Type.String(),
})

async function issue(request: FastifyRequest, reply: FastifyReply, parts: TokenRouteParts): Promise<FastifyReply> {
  const { door } = parts
  request.action = action
  let key: PresentedApiKey | undefined
  try {
    const body = await inflatedBody(request)
    // Clients of GREP11 in JavaScript send no body and put the form into the query: no event and no log line has it.
    const form = body.length > 0 ? new URLSearchParams(body.toString('latin1')) : queryOf(request)
    key = parts.apiKeys.present(apiKeyOf(form))
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal
    throw await recordDenied(door, request, action, door.authenticator.denied(request, refusal))
  }
  const notFound = new Refusal('API_KEY_NOT_FOUND')
  if (key === undefined) {
    throw await recordDenied(door, request, action, door.authenticator.denied(request, notFound))
  }
  const identity = { id: key.identity, name: key.identityName, kind: key.identityKind, account: key.account }
  const caller = callerOf(request, identity, 'apikey')
  const target = { id: accountResourceCrn(door.cname, key.account, 'apikey', key.id), name: key.name }
  if (!isUsable(key)) {
    const denied = door.authenticator.denied(request, notFound, caller)
    throw await recordDenied(door, request, action, denied, target)
  }
  const circumstances = accountCircumstances(door, request, caller)
  const operation = answering(issueToken(key, parts), (body): Answer => ({ body }))
  return answer(reply, await door.audit.witness(action, circumstances, target, operation))
}
