/** The table of errors: its reference page both ways, and no code that nothing raises. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type ErrorCode, type ErrorSpec, errors, Refusal } from './errors.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/reference/errors.md'), 'utf8')
const codes = Object.keys(errors) as ErrorCode[]

/** Rows of the table of codes: code, status, text, issuer's code, Key Protect's code, KMIP's reason, PKCS #11's value. */
function documented(): string[][] {
  return [
    ...page.matchAll(/^\| `([A-Z0-9_]+)` \| (\d{3}) \| ([^|]+) \| ([^|]*)\| ([^|]*)\| ([^|]*)\| ([^|]*)\|/gm),
  ].map((row) => row.slice(1, 8).map((cell) => cell.replaceAll('`', '').trim()))
}

test('the reference page has every code with its status and texts, and no other', () => {
  const table = codes.map((code) => {
    const spec: ErrorSpec = errors[code]
    return [code, String(spec.status), spec.message, spec.issuer ?? '', spec.kms ?? '', spec.kmip ?? '', spec.ckr ?? '']
  })
  expect(documented()).toEqual(table)
})

test('every code is raised somewhere', () => {
  const files = globSync('**/*.ts', { cwd: import.meta.dirname }).filter(
    (file) => !file.endsWith('.test.ts') && !file.includes('testing') && !/^(certificate-)?errors\.ts$/.test(file),
  )
  const source = files.map((file) => readFileSync(join(import.meta.dirname, file), 'utf8')).join('\n')
  expect(codes.filter((code) => !source.includes(`'${code}'`))).toEqual([])
})

test('401 and 403 stand for authentication and authorisation only', () => {
  expect(codes.filter((code) => errors[code].status === 401 || errors[code].status === 403)).toEqual([
    'UNAUTHORIZED_ERR',
    'UNAUTHENTICATED',
    'EP11_CERTIFICATE_REQUIRED',
    'EP11_CERTIFICATE_UNTRUSTED',
    'EP11_CERTIFICATE_EXPIRED',
    'EP11_CERTIFICATE_NOT_YET_VALID',
    'EP11_CERTIFICATE_OF_ANOTHER_INSTANCE',
    'SIGN_IN_REFUSED',
    'KMIP_UNKNOWN_CERTIFICATE',
    'KMIP_NO_CERTIFICATE',
    'KMIP_CERTIFICATE_WEAK',
    'KMIP_CERTIFICATE_EXPIRED',
    'CROSS_SITE_REFUSED',
    'PEOPLE_ONLY',
    'SECOND_PERSON_REQUIRED',
    'SERVICE_ONLY_ERR',
    'RESOURCE_OWNER_ERR',
    'CERT_SIGNATURE_MISSING',
    'CERT_SIGNER_UNKNOWN',
    'CERT_SIGNER_NOT_CALLER',
    'CERT_COMMAND_STALE',
    'CERT_SIGNATURE_WRONG',
    'CERT_COMMAND_REUSED',
    'KEYSTORE_OVER_EP11_ONLY',
    'EP11_UNAUTHORIZED',
    'KMIP_ROOT_KEY_UNAVAILABLE',
    'KMIP_SENSITIVE',
    'KMIP_NOT_EXTRACTABLE',
  ])
})

test('a refusal has the status and, unless it says more, the text of its code', () => {
  const plain = new Refusal('NOT_FOUND')
  expect([plain.status, plain.message, plain.receipt]).toEqual([404, errors.NOT_FOUND.message, undefined])
  const precise = new Refusal('NOT_FOUND', { message: 'There is no such key ring.' })
  expect([precise.status, precise.code, precise.message]).toEqual([404, 'NOT_FOUND', 'There is no such key ring.'])
})
