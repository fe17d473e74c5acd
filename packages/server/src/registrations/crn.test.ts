/** CRNs of registered resources, and the questions that find them. */
import { expect, test } from 'vitest'
import { Refusal } from '../errors.ts'
import { crnPattern, wholeCrn } from './crn.ts'

const service = `crn:v1:keywitness:public:cloud-object-storage:global:a/${'a'.repeat(32)}:11111111-1111-4111-8111-111111111111`

test.each([
  [service, `${service}::`],
  [`${service}:bucket`, `${service}:bucket:`],
  [`${service}:bucket:invoices`, `${service}:bucket:invoices`],
  [encodeURIComponent(`${service}:bucket:invoices`), `${service}:bucket:invoices`],
])('%s is stored with all its segments', (text, whole) => {
  expect(wholeCrn(text)).toBe(whole)
})

test.each([
  'crn:v1:keywitness:public:cloud-object-storage',
  `${service}:bucket:invoices:more`,
  `${service}:bucket:in*`,
  `${service}:bucket:${'x'.repeat(512)}`,
  'https://example.com/',
  '%3A%',
  '',
])('%s is no CRN of a resource', (text) => {
  expect(wholeCrn(text)).toBeUndefined()
})

test('a question keeps its wildcards, and tells the literal part before them', () => {
  expect(crnPattern(`${service}:bucket:*`, 'q', 8)).toEqual({
    glob: `${service}:bucket:*`,
    prefix: `${service}:bucket:`,
    isOpen: false,
  })
  expect(crnPattern(service, 'q', 8)).toEqual({ glob: `${service}::`, prefix: `${service}::`, isOpen: false })
  expect(crnPattern('crn:v1:*', 'q', 0)).toEqual({ glob: 'crn:v1:*', prefix: 'crn:v1:', isOpen: true })
  const anyType = service.replace('cloud-object-storage', '*')
  expect(crnPattern(`${anyType}:*:*`, 'q', 0).prefix).toBe('crn:v1:keywitness:public:')
})

test.each([
  ['a wildcard where a segment must be given', service.replace('global', '*'), 8],
  ['too few segments', 'crn:v1:*', 8],
  ['no CRN', 'bucket', 0],
  ['a set of characters', `${service}:bucket:[ab]`, 0],
  ['a single wildcard character', `${service}:bucket:a?`, 0],
  ['too many segments', `${service}:a:b:c`, 0],
] as const)('%s is refused', (_what, text, fixed) => {
  expect(() => crnPattern(text, 'q', fixed)).toThrow(Refusal)
})
