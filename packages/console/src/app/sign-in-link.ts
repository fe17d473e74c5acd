/** The one-time sign-in link: its token stands in the fragment, which browsers never send, and leaves the address at once. */

/** Longest token taken. */
const tokenCharsMax = 512

/**
 * Takes the token out of the address, before anything else can see or store it.
 *
 * @returns the token, or undefined when the fragment is another one
 */
export function takeSignInToken(
  location: Pick<Location, 'hash' | 'pathname' | 'search'>,
  history: Pick<History, 'replaceState' | 'state'>,
): string | undefined {
  const match = /^#signin=([A-Za-z0-9._~+/=-]+)$/.exec(location.hash)
  if (match === null) return undefined
  history.replaceState(history.state, '', location.pathname + location.search)
  const token = match[1] ?? ''
  return token.length <= tokenCharsMax ? token : undefined
}
