/** The address of the page of certificates. */
import { expect, test } from 'vitest'
import { parseCertificatesSearch } from './search.ts'

test('an address names a view, a certificate and whose it is, and nothing malformed', () => {
  const whole = { view: 'recoveries', certificate: 'clients-2026', of: 'KWid-1' }
  expect(parseCertificatesSearch(whole)).toEqual(whole)
  expect(parseCertificatesSearch({ view: 'else', certificate: 'a b', of: '"' })).toEqual({})
})
