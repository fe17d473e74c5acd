/** What holds of every entry of the catalogue, so that builder, sentences and explanations can rely on it. */
import { expect, test } from 'vitest'
import { emitted } from '../test/facts.ts'
import type { CatalogueEntry, FieldSpec } from './catalogue/entry.ts'
import { generalExplanations } from './catalogue/explanations.ts'
import { catalogue, namesFor } from './catalogue.ts'

const all = catalogue.all()
const names = (fields: readonly FieldSpec[]): string[] => fields.map(({ name }) => name)

/** Actions of the entries that do not keep a rule. */
function breaking(rule: (entry: CatalogueEntry) => boolean): string[] {
  return all.filter((entry) => !rule(entry)).map(({ action }) => action)
}

test('every name leads to one entry', () => {
  const known = all.flatMap(({ action }) => namesFor(action))
  expect(new Set(known).size).toBe(known.length)
  expect(catalogue.entry('hs-crypto.secrets.steal')).toBeUndefined()
  expect(namesFor('hs-crypto.secrets.steal')).toEqual(['hs-crypto.secrets.steal'])
})

test('names that every object has are no actions', () => {
  expect(catalogue.entry('constructor')).toBeUndefined()
  expect(catalogue.entry('__proto__')).toBeUndefined()
})

test('all actions but the retired one are emitted', () => {
  expect(all.length - emitted.length).toBe(1)
})

test('actions and type URIs begin with the service', () => {
  expect(breaking(({ action }) => /^[a-z0-9-]+(?:\.[a-z0-9-]+){2}$/.test(action))).toEqual([])
  expect(breaking(({ action, typeURI }) => typeURI.startsWith(`${action.split('.')[0]}/`))).toEqual([])
})

test('everything ours is marked as ours', () => {
  const isOurs = ({ action }: CatalogueEntry): boolean => !action.startsWith('hs-crypto.')
  expect(breaking((entry) => !isOurs(entry) || entry.source === 'extension')).toEqual([])
  expect(
    breaking(
      ({ source, request, response }) =>
        source !== 'extension' || [...request, ...response].every((field) => field.source !== 'seed'),
    ),
  ).toEqual([])
})

test('fields have each name once, two levels at most, and none is both a value and a group', () => {
  const isSound = (fields: readonly FieldSpec[]): boolean => {
    const own = names(fields)
    const groups = own.filter((name) => name.includes('.')).map((name) => name.split('.')[0] ?? '')
    return (
      new Set(own).size === own.length &&
      own.every((name) => /^[A-Za-z]+(?:\.[A-Za-z]+)?$/.test(name) && name !== 'requestURI' && name !== 'instanceID') &&
      groups.every((group) => !own.includes(group))
    )
  }
  expect(breaking(({ request, response }) => isSound(request) && isSound(response))).toEqual([])
})

test('free text is bounded', () => {
  const texts = all.flatMap(({ request, response }) => [...request, ...response].filter(({ type }) => type === 'name'))
  expect(texts.length).toBeGreaterThan(0)
  expect(Math.max(...texts.map((field) => (field.type === 'name' ? field.max : 0)))).toBe(8000)
})

test('placeholders of sentences are fields of the action', () => {
  const isKnown = ({ request, response }: CatalogueEntry, placeholder: string): boolean =>
    /^name(@[a-z-]*)?$/.test(placeholder) ||
    names(request).includes(placeholder.replace(/^request\./, '')) ||
    names(response).includes(placeholder.replace(/^response\./, ''))
  const unknown = all.flatMap((entry) => {
    // The words for policies, in the details, are shared by actions that set some of them.
    const own = `${entry.phrase.what}${entry.phrase.why ?? ''}`
    return [...own.matchAll(/\{([^}=]*)[^}]*\}/g)]
      .map(([, placeholder = '']) => placeholder)
      .filter((placeholder) => !isKnown(entry, placeholder))
      .map((placeholder) => `${entry.action}: ${placeholder}`)
  })
  expect(unknown).toEqual([])
})

test('variants are told by an enumerated field and have values of it', () => {
  const variants = all.flatMap((entry) => (entry.variants ?? []).map((variant) => ({ entry, ...variant })))
  expect(variants.map(({ name }) => name)).toEqual([
    'compromise',
    'use',
    'object',
    'adapter',
    'certificate',
    'warning-alert',
    'critical-alert',
    'shared-view',
  ])
  for (const { entry, when } of variants) {
    const field = entry.request.find(({ name }) => name === when.request)
    expect(field).toMatchObject({ type: 'enum', values: expect.arrayContaining([...when.values]) })
  }
})

test('explanations ask for fields of the action, and say what it means and what to do', () => {
  expect(
    breaking(({ explanations, response }) =>
      explanations.every(({ when, meaning, remedy }) => {
        const asked = [...Object.keys(when.equal ?? {}), ...(when.present ?? []), ...(when.absent ?? [])]
        return asked.every((name) => names(response).includes(name)) && meaning.endsWith('.') && remedy.endsWith('.')
      }),
    ),
  ).toEqual([])
})

test('every failure that the seed or the error table knows has a meaning', () => {
  const explained = new Set<number>(generalExplanations.flatMap(({ when }) => [...when.codes]))
  expect([400, 401, 403, 404, 409, 413, 429, 500, 502, 503, 504, 507].filter((code) => !explained.has(code))).toEqual(
    [],
  )
})

test('an entry that sets policies names before and after of each', () => {
  for (const action of ['hs-crypto.policies.write', 'hs-crypto.instance-policies.write']) {
    const fields = names(catalogue.entry(action)?.request ?? [])
    const before = fields.filter((name) => name.startsWith('initialValue.')).map((name) => name.slice(13))
    const after = fields.filter((name) => name.startsWith('newValue.')).map((name) => name.slice(9))
    expect(after.sort()).toEqual(before.sort())
    expect(before.length).toBeGreaterThan(0)
  }
})
