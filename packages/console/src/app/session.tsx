/** Who is signed in, for the whole page: begun in `main`, ended by signing out or by the server. */
import {
  type ReactElement,
  type ReactNode,
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
} from 'react'
import type { Api, Credential } from '../api/client.ts'
import { type ApiError, asApiError } from '../api/problem.ts'
import type { Session } from '../api/types.ts'

export type SessionState =
  | { readonly kind: 'asking' }
  | { readonly kind: 'in'; readonly session: Session }
  /** Nobody: why decides what the sign-in page says. */
  | { readonly kind: 'out'; readonly why: 'start' | 'signed-out' | 'ended' | 'bad-link' }
  | { readonly kind: 'failed'; readonly error: ApiError }

interface SessionControl {
  readonly state: SessionState
  readonly api: Api
  /** @throws ApiError when the credential is refused or nothing answers */
  readonly signIn: (credential: Credential) => Promise<void>
  readonly signOut: () => Promise<void>
  readonly retry: () => void
  /** Asks anew what one's roles permit: somebody has granted or taken back one. Asking leaves no event. */
  readonly rereadRights: () => void
}

const SessionContext = createContext<SessionControl | undefined>(undefined)

/** Events of the session that come from outside React. */
export interface SessionSource {
  readonly api: Api
  /** Exchanges the link's token or asks who is signed in. */
  readonly begin: () => Promise<SessionState>
  /** Calls back when a call found that the session has ended. */
  readonly onEnded: (listener: () => void) => () => void
  /** Calls back when something that was to be done was refused for want of a right. */
  readonly onForbidden: (listener: () => void) => () => void
}

/** Asks who is signed in; a sign-in link comes first, and does no harm when somebody is signed in already. */
export async function beginSession(api: Api, token: string | undefined): Promise<SessionState> {
  try {
    if (token !== undefined) return { kind: 'in', session: await api.signIn({ link: token }) }
  } catch (error) {
    const failed = asApiError(error)
    if (failed.kind === 'network' || failed.kind === 'server') return { kind: 'failed', error: failed }
  }
  try {
    const session = await api.session()
    if (session !== undefined) return { kind: 'in', session }
    return { kind: 'out', why: token === undefined ? 'start' : 'bad-link' }
  } catch (error) {
    return { kind: 'failed', error: asApiError(error) }
  }
}

export function SessionProvider(props: { readonly source: SessionSource; readonly children: ReactNode }): ReactElement {
  const { source, children } = props
  const [state, setState] = useState<SessionState>({ kind: 'asking' })

  const begin = useCallback(() => {
    let isWanted = true
    const ask = async (): Promise<void> => {
      const next = await source.begin()
      if (isWanted) setState(next)
    }
    void ask()
    return () => {
      isWanted = false
    }
  }, [source])

  useEffect(begin, [begin])
  useEffect(
    () => source.onEnded(() => setState((now) => (now.kind === 'in' ? { kind: 'out', why: 'ended' } : now))),
    [source],
  )

  const rereadRights = useCallback(() => {
    const reread = async (): Promise<void> => {
      try {
        const session = await source.api.session()
        if (session !== undefined) setState((now) => (isOfSame(now, session) ? { kind: 'in', session } : now))
      } catch {
        // What was known stays; the server decides each call all the same.
      }
    }
    void reread()
  }, [source])
  useEffect(() => source.onForbidden(rereadRights), [source, rereadRights])

  const control = useMemo<SessionControl>(
    () => ({
      state,
      api: source.api,
      async signIn(credential) {
        setState({ kind: 'in', session: await source.api.signIn(credential) })
      },
      async signOut() {
        await source.api.signOut()
        setState({ kind: 'out', why: 'signed-out' })
      },
      retry: () => {
        setState({ kind: 'asking' })
        begin()
      },
      rereadRights,
    }),
    [state, source, begin, rereadRights],
  )
  return <SessionContext value={control}>{children}</SessionContext>
}

/** Somebody else may have signed in meanwhile. */
function isOfSame(now: SessionState, { identity, account }: Session): boolean {
  return now.kind === 'in' && now.session.identity.id === identity.id && now.session.account === account
}

export function useSessionControl(): SessionControl {
  const control = useContext(SessionContext)
  if (control === undefined) throw new Error('used outside of a SessionProvider')
  return control
}

/** The session of pages that exist only while somebody is signed in. */
export function useSession(): Session {
  const { state } = useSessionControl()
  if (state.kind !== 'in') throw new Error('used while nobody is signed in')
  return state.session
}

export function useApi(): Api {
  return useSessionControl().api
}
