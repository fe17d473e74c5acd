/** Who bears an access token: looked up each time a token is shown, so that rights end within a second. */
import type { Clock } from '../clock.ts'
import type { Reader } from '../store/store.ts'
import type { State } from './identities.ts'
import type { IdentityKind } from './names.ts'
import type { TokenClaims, TokenVerifier } from './token.ts'

export interface Bearer {
  readonly id: string
  readonly name: string
  readonly kind: IdentityKind
  readonly account: string
  /** Neither is the token expired, nor were its API key or its owner disabled. Asked of the store each time. */
  isGood(): boolean
}

export interface Bearers {
  /** Undefined for a token that is not ours, or whose API key is no more. */
  of(token: string): Promise<Bearer | undefined>
}

interface TokenHolder {
  readonly name: string
  readonly kind: IdentityKind
  readonly state: State
  readonly keyState: State
}

export function readBearers(reader: Reader, verifier: TokenVerifier, clock: Clock): Bearers {
  function holderOf({ apiKey, identity, account }: TokenClaims): TokenHolder | undefined {
    return reader.remembered<TokenHolder>(
      `SELECT i.name, i.kind, i.state, k.state AS keyState FROM api_keys k JOIN identities i ON i.id = k.identity
       WHERE k.id = ? AND i.id = ? AND i.account = ?`,
      apiKey,
      identity,
      account,
    )
  }

  function isGood(holder: TokenHolder | undefined, { expiresAt }: TokenClaims): boolean {
    return holder?.state === 'active' && holder.keyState === 'active' && expiresAt * 1_000 > clock.now()
  }

  return {
    async of(token) {
      const claims = await verifier.verify(token)
      const holder = claims === undefined ? undefined : holderOf(claims)
      if (claims === undefined || holder === undefined) return undefined
      const { name, kind } = holder
      return {
        id: claims.identity,
        account: claims.account,
        name,
        kind,
        isGood: () => isGood(holderOf(claims), claims),
      }
    },
  }
}
