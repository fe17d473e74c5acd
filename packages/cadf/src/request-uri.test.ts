/** The request URI of events. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { harmlessUri, requestUriMax } from './request-uri.ts'

test.each([
  ['/api/v2/keys', '/api/v2/keys'],
  ['/api/v2/keys?limit=5&offset=10', '/api/v2/keys?limit=5&offset=10'],
  ['/api/v2/keys/1?action=wrap', '/api/v2/keys/1?action=wrap'],
  ['/api/v2/kmip_adapters/1/kmip_objects?state=5%2C6', '/api/v2/kmip_adapters/1/kmip_objects?state=5%2C6'],
  ['/api/v2/kmip_adapters?allowExpiringKey=true', '/api/v2/kmip_adapters?allowExpiringKey=true'],
  [
    '/api/v2/kmip_adapters?crk_id=01890a5d-ac96-774b-bcce-b302099a8057',
    '/api/v2/kmip_adapters?crk_id=01890a5d-ac96-774b-bcce-b302099a8057',
  ],
  ['/api/v2/kmip_adapters?crk_id=an-alias-that-may-be-anything', '/api/v2/kmip_adapters'],
  ['/governance/v1/configs?resource_kind=key', '/governance/v1/configs?resource_kind=key'],
  ['/api/v2/keys?search=x&apikey=y', '/api/v2/keys'],
  [
    '/api/v2/keys?limit=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlX29mX3RoZV90b2tlbl93aGljaF9pc19sb25n',
    '/api/v2/keys',
  ],
  ['/api/v2/keys?limit=a%20b', '/api/v2/keys'],
  ['/api/v2/keys?limit', '/api/v2/keys'],
  ['/api/v2/keys?', '/api/v2/keys'],
  ['/api/v2/keys#signin=secret', '/api/v2/keys'],
  ['/api/v2/keys?limit=1#signin=secret', '/api/v2/keys?limit=1'],
  ['/a b/ü', '/a%20b/%C3%BC'],
  ['kmip://adapter-1', 'kmip://adapter-1'],
])('%s stands as %s', (uri, expected) => {
  expect(harmlessUri(uri)).toBe(expected)
})

test('every string has a bounded form that is its own', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), (uri) => {
      const once = harmlessUri(uri)
      expect(once.length).toBeLessThanOrEqual(requestUriMax)
      expect(once).toMatch(/^[!-~]*$/)
      expect(harmlessUri(once)).toBe(once)
    }),
  )
  expect(harmlessUri('/\ud800')).toBe('/%EF%BF%BD')
})

test('of a request target in absolute form only the path stays: a password may stand before its host', () => {
  expect(harmlessUri('http://user:secret@host:8080/api/v2/keys?limit=5')).toBe('/api/v2/keys?limit=5')
  expect(harmlessUri('https://user:secret@host')).toBe('/')
})
