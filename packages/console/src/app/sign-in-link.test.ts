/** The sign-in token: taken from the address at once, and only when it is one. */
import { expect, test } from 'vitest'
import { takeSignInToken } from './sign-in-link.ts'

function page(hash: string) {
  const written: string[] = []
  const location = { hash, pathname: '/trail/us-south', search: '?event=5' }
  const history = {
    state: null,
    replaceState: (_state: unknown, _title: string, url?: string | URL | null) => void written.push(String(url)),
  }
  return { token: takeSignInToken(location, history), written }
}

test('the token leaves the address and the rest of it stays', () => {
  expect(page('#signin=abc-DEF_1.2')).toEqual({ token: 'abc-DEF_1.2', written: ['/trail/us-south?event=5'] })
})

test.each(['', '#signin=', '#other=abc', '#signin=a b', '#signin=<script>'])('%j is no token', (hash) => {
  expect(page(hash)).toEqual({ token: undefined, written: [] })
})

test('a token too long to be one is removed and not used', () => {
  const { token, written } = page(`#signin=${'a'.repeat(600)}`)
  expect(token).toBeUndefined()
  expect(written).toHaveLength(1)
})
