/** `iam-identity.apikey.login`: an access token for an API key, in IAM's form (reference: kms-rest-api.md, section 3). */
import type { Operation } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { Refusal } from '../errors.ts'
import type { PresentedApiKey } from './api-keys.ts'
import type { Ids } from './names.ts'
import type { SigningKeys } from './signing-keys.ts'
import { signToken, tokenLifetimeS } from './token.ts'

const apiKeyGrant = 'urn:ibm:params:oauth:grant-type:apikey'

export interface TokenResponse {
  readonly access_token: string
  readonly refresh_token: string
  readonly token_type: 'Bearer'
  /** Seconds. */
  readonly expires_in: number
  /** Seconds since the epoch. */
  readonly expiration: number
  readonly scope: string
}

export interface TokenParts {
  readonly keys: SigningKeys
  /** `iss` of the tokens. */
  readonly issuer: string
  readonly clock: Pick<Clock, 'now'>
  readonly ids: Ids
}

/**
 * The API key of a token request; unknown form fields are ignored.
 * @throws Refusal `GRANT_PROPERTY_MISSING`
 */
export function apiKeyOf(form: URLSearchParams): string {
  if (form.get('grant_type') !== apiKeyGrant) {
    throw new Refusal('GRANT_PROPERTY_MISSING', {
      message: "Property 'grant_type' is missing, empty or not the API key grant.",
    })
  }
  const apiKey = form.get('apikey') ?? ''
  if (apiKey === '') throw new Refusal('GRANT_PROPERTY_MISSING', { message: "Property 'apikey' is missing or empty." })
  return apiKey
}

/** An API key that was disabled, or whose identity was, opens nothing: the same answer as for one that never was. */
export function isUsable(key: PresentedApiKey): boolean {
  return key.state === 'active' && key.identityState === 'active'
}

export function issueToken(
  key: PresentedApiKey,
  parts: TokenParts,
): Operation<'iam-identity.apikey.login', TokenResponse> {
  return async (seen) => {
    seen.request.grantType = 'apikey'
    seen.response.expiresIn = tokenLifetimeS
    const now = parts.clock.now()
    const { token, expiration } = await signToken(parts.keys, parts.issuer, key, now, parts.ids.uuid())
    return {
      code: 200,
      result: {
        access_token: token,
        // As IAM answers clients that may not refresh: they come back with their API key.
        refresh_token: 'not_supported',
        token_type: 'Bearer',
        expires_in: tokenLifetimeS,
        expiration,
        scope: 'ibm openid',
      },
    }
  }
}
