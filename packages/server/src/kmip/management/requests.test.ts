/** Bodies and queries of KMIP management: what is taken, what is refused, and at which member. */
import { expect, test } from 'vitest'
import type { JsonValue } from '../../http/json.ts'
import { parseAdapter, parseCertificateBody } from './body.ts'
import { parseAdapterList, parseAllowExpiringKey, parseForce, parseObjectList, parsePage } from './query.ts'

const envelope = (resource: JsonValue): JsonValue => ({
  metadata: { collectionType: 'application/vnd.ibm.kms.kmip_adapter+json', collectionTotal: 1 },
  resources: [resource],
})
const adapter = { profile: 'native_1.0', profile_data: { crk_id: '11111111-1111-4111-8111-111111111111' } }
const refusalOf = (work: () => unknown): unknown => {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('nothing was refused')
}

test('an adapter needs its profile and a root key; name and description may be missing or empty', () => {
  expect(parseAdapter(envelope(adapter))).toEqual({
    name: undefined,
    description: '',
    crk: '11111111-1111-4111-8111-111111111111',
  })
  expect(
    parseAdapter(
      envelope({ Name: 'vc_1-a', Description: 'x', Profile: 'native_1.0', Profile_Data: { CRK_ID: 'main' } }),
    ),
  ).toEqual({ name: 'vc_1-a', description: 'x', crk: 'main' })
  expect(parseAdapter(envelope({ ...adapter, name: '', description: null })).name).toBeUndefined()
})

test.each([
  ['profile', { ...adapter, profile: 'native_2.0' }],
  ['profile_data', { profile: 'native_1.0' }],
  ['crk_id', { profile: 'native_1.0', profile_data: {} }],
  ['name', { ...adapter, name: 'x' }],
  ['name', { ...adapter, name: 'x'.repeat(41) }],
  ['name', { ...adapter, name: 'with blank' }],
  ['name', { ...adapter, name: '11111111-1111-4111-8111-111111111111' }],
  ['description', { ...adapter, description: 'x'.repeat(241) }],
  ['description', { ...adapter, description: 'two\nlines' }],
])('an adapter with a wrong %s is refused there', (name, resource) => {
  expect(refusalOf(() => parseAdapter(envelope(resource)))).toMatchObject({
    code: 'INVALID_FIELD_ERR',
    at: { type: 'field', name },
  })
})

test('a body without an envelope, without a resource, with two, or with unknown members is refused', () => {
  expect(refusalOf(() => parseAdapter(undefined))).toMatchObject({ code: 'NO_BODY_ERR' })
  const metadata = { collectionType: 'x', collectionTotal: 1 }
  const bodies: readonly JsonValue[] = [
    adapter,
    { metadata, resources: [] },
    { metadata: { ...metadata, collectionTotal: 2 }, resources: [adapter, adapter] },
    envelope({ ...adapter, extra: 1 }),
    envelope({ ...adapter, profile_data: { ...adapter.profile_data, extra: 1 } }),
  ]
  for (const body of bodies) expect(refusalOf(() => parseAdapter(body))).toMatchObject({ code: 'BAD_BODY_ERR' })
})

test('a certificate body needs the certificate', () => {
  expect(parseCertificateBody(envelope({ certificate: 'pem' }))).toEqual({ name: undefined, pem: 'pem' })
  expect(refusalOf(() => parseCertificateBody(envelope({ name: 'host' })))).toMatchObject({
    code: 'INVALID_FIELD_ERR',
    at: { name: 'certificate' },
  })
})

test('pages have their bounds; objects take 0 for as many as usual', () => {
  const query = (text: string) => new URLSearchParams(text)
  expect(parsePage(query(''))).toEqual({ limit: 100, offset: 0, totalCount: false })
  expect(parsePage(query('limit=200&offset=7&totalCount=true'))).toEqual({ limit: 200, offset: 7, totalCount: true })
  for (const wrong of ['limit=0', 'limit=201', 'limit=x', 'offset=-1', 'totalCount=yes', 'limit=1&limit=2']) {
    expect(
      refusalOf(() => parsePage(query(wrong))),
      wrong,
    ).toMatchObject({
      code: 'INVALID_QUERY_PARAM_ERR',
      at: { type: 'query_param', name: wrong.split('=')[0] },
    })
  }
  expect(parseAdapterList(query('crk_id=main')).crk).toBe('main')
  expect(parseAdapterList(query('crk_id=')).crk).toBeUndefined()
  expect(parseObjectList(query('limit=0'))).toMatchObject({ limit: 100, states: new Set([1, 2, 3, 4]) })
  expect(parseObjectList(query('limit=5000&state=5,6,5'))).toMatchObject({ limit: 5000, states: new Set([5, 6]) })
  for (const wrong of ['limit=5001', 'state=0', 'state=7', 'state=1,', 'state=1 2']) {
    expect(
      refusalOf(() => parseObjectList(query(wrong))),
      wrong,
    ).toMatchObject({ code: 'INVALID_QUERY_PARAM_ERR' })
  }
})

test('switches are true or false', () => {
  expect(parseForce(new URLSearchParams('force=true'))).toBe(true)
  expect(parseAllowExpiringKey(new URLSearchParams())).toBe(false)
  expect(refusalOf(() => parseForce(new URLSearchParams('force=1')))).toMatchObject({
    code: 'INVALID_QUERY_PARAM_ERR',
  })
})
