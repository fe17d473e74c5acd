/** The catalogue against the published text, in both directions: nothing of it missing, nothing without a source. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { CatalogueEntry, FieldSpec } from './catalogue/entry.ts'
import { catalogue, namesFor } from './catalogue.ts'
import { explain } from './explain.ts'
import { statusSeverity } from './severity.ts'
import { buildEvent } from './build.ts'
import { call, keyCrn, stamp } from '../test/facts.ts'

const read = (name: string): string =>
  readFileSync(new URL(`../../../vectors/cadf/${name}`, import.meta.url), 'utf8').replaceAll('\r\n', '\n')
const seed = read('hpcs-audit-events.txt').split('\n')

/** Lines after the one heading and before the other. */
function section(from: string, to: string): string[] {
  const start = seed.indexOf(from)
  const end = seed.indexOf(to, start)
  if (start === -1 || end === -1) throw new Error(`the seed has no section "${from}"`)
  return seed.slice(start + 1, end)
}

/** `<action> |` and the line after it. */
function rows(lines: readonly string[]): [string, string][] {
  return lines.flatMap((line, at) => {
    const action = /^(hs-crypto\.\S+) \|$/.exec(line)?.[1]
    return action === undefined ? [] : [[action, (lines[at + 1] ?? '').replace(/ \|$/, '')]]
  })
}

const supported = rows(section('Supported events', 'Viewing events'))
const renames = section('Historical information regarding events', 'Supported events').flatMap(
  (line) => /^(hs-crypto\.\S+) \|$/.exec(line)?.[1] ?? [],
)
const renamed = renames.flatMap((name, at) => (at % 2 === 0 ? [[name, renames[at + 1] ?? ''] as const] : []))
const entryOf = (action: string): CatalogueEntry => {
  const entry = catalogue.entry(action)
  if (entry === undefined) throw new Error(`no entry for ${action}`)
  return entry
}
const actionsFrom = (source: CatalogueEntry['source']): string[] =>
  catalogue
    .all()
    .filter((entry) => entry.source === source)
    .map(({ action }) => action)
    .sort()

test('the 76 supported actions are those whose source is the seed', () => {
  expect(supported).toHaveLength(76)
  expect(actionsFrom('seed')).toEqual(supported.map(([action]) => action).sort())
})

test('titles are those of the seed, but for one misprint', () => {
  for (const [action, description] of supported) {
    expect(entryOf(action).title).toBe(description.replace('managmenet', 'management'))
  }
})

test('the 19 renamed actions are found by both names, and no other has a former name', () => {
  expect(renamed).toHaveLength(19)
  for (const [former, current] of renamed) {
    expect(entryOf(former)).toBe(entryOf(current))
    expect(entryOf(former).action).toBe(current)
    expect(namesFor(former)).toEqual([current, former])
    expect(namesFor(current)).toEqual([current, former])
  }
  const formerNames = catalogue.all().flatMap((entry) => entry.formerNames)
  expect([...formerNames].sort()).toEqual(renamed.map(([former]) => former).sort())
})

test('the four actions known only from the table of renamed ones are marked so, and one of them is retired', () => {
  const known = new Set(supported.map(([action]) => action))
  const others = renamed.map(([, current]) => current).filter((action) => !known.has(action))
  expect(actionsFrom('historical')).toEqual(others.sort())
  expect(
    catalogue
      .all()
      .filter(({ retired }) => retired)
      .map(({ action }) => action),
  ).toEqual(['hs-crypto.instance-ip-allowlist-port.read'])
})

const severityTable = read('hpcs-severity-table.txt')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(' ') as [string, string])
  .map(([severity, action]) => [severity, action.replace('hs-crypto.hs-crypto.', 'hs-crypto.')] as const)

test('documented severities are those of the published table, and no others', () => {
  for (const [severity, action] of severityTable) {
    expect(entryOf(action)).toMatchObject({ action, severity, severitySource: 'documented' })
  }
  const documented = catalogue.all().filter(({ severitySource }) => severitySource === 'documented')
  expect(documented.map(({ action }) => action).sort()).toEqual([
    ...new Set(severityTable.map(([, action]) => action).sort()),
  ])
})

test('the actions known only from the severity table are marked so', () => {
  const known = new Set(supported.map(([action]) => action))
  const others = severityTable.map(([, action]) => action).filter((action) => !known.has(action))
  expect(others).toHaveLength(9)
  expect(actionsFrom('severity-table')).toEqual(others.sort())
})

test('severities by status code are those of the seed', () => {
  const codes = (severity: string, note = ''): number[] => {
    const line = seed.findLast((candidate) => candidate.startsWith(`${severity} | 400`)) ?? ''
    return [...line.replace(note, '').matchAll(/\d{3}/g)].map(([code]) => Number(code))
  }
  expect(statusSeverity.critical).toEqual(codes('Critical', '400 (For TKE events only)'))
  expect(statusSeverity.warning).toEqual(codes('Warning'))
})

/** Which actions a section of "Analyzing successful events" is about; in the order of the seed. */
const sections: readonly (readonly [heading: string, ...actions: string[]])[] = [
  ['Create key', 'secrets.create'],
  ['Delete key', 'secrets.delete'],
  ['Expire Key', 'secrets.expire'],
  ['Wrap or unwrap key', 'secrets.wrap', 'secrets.unwrap'],
  ['Rewrap key', 'secrets.rewrap'],
  ['Restore key', 'secrets.restore'],
  ['Rotate key', 'secrets.rotate'],
  ['Get key total', 'secrets.head'],
  ['List keys', 'secrets.list'],
  ['Get key or key metadata', 'secrets.read', 'secrets-metadata.read'],
  ['Patch key', 'secrets.patch'],
  ['List key versions', 'secrets-key-versions.list'],
  ['Set or unset key for deletion', 'secrets.setkeyfordeletion', 'secrets.unsetkeyfordeletion'],
  ['Allowed network policies', 'instance-policies.write'],
  ['Dual auth delete policies', 'instance-policies.write', 'policies.write'],
  ['Key creation and importation access policies', 'instance-policies.write'],
  ['Create import token', 'import-token.create'],
  ['Retrieve import token', 'import-token.read'],
  ['List registrations', 'registrations.list'],
  ['The following common fields for TKE events include extra information:', 'tke-cryptounit.reset'],
  ['Add a crypto unit administrator', 'tke-cryptounit-admin.add'],
  ['Remove a crypto unit administrator', 'tke-cryptounit-admin.remove'],
  ['Set the signature thresholds', 'tke-cryptounit-threshold.set'],
  ['Load the new master key register', 'tke-cryptounit-master-key-register.add'],
  ['Commit the new master key register', 'tke-cryptounit-master-key-register.commit'],
  ['Activate the current master key register', 'tke-cryptounit-master-key-register.activate'],
  ['Create the administrator signature key for the certificate administrator', 'mtlscert-admin-key.create'],
  ['Update the administrator signature key for the certificate administrator', 'mtlscert-admin-key.update'],
  ['Remove the administrator signature key of the certificate administrator', 'mtlscert-admin-key.delete'],
  ['Get the administrator signature key of the certificate administrator', 'mtlscert-admin-key.read'],
  ['Create or updating certificates by the certificate administrator', 'mtlscert-cert.set'],
  ['List certificates by the certificate administrator', 'mtlscert-cert.list'],
  ['Get certificates by the certificate administrator', 'mtlscert-cert.read'],
  ['Remove certificates by the certificate administrator', 'mtlscert-cert.delete'],
  ['EP11 keystore events'],
]

/** Fields as the seed documents them: `requestData.keyType` and so on, by action. */
function documentedFields(): Map<string, Set<string>> {
  const lines = section('Analyzing successful events', 'Analyzing failed events')
  const found = new Map<string, Set<string>>()
  let at = 0
  const starts = sections.map(([heading]) => {
    at = lines.indexOf(heading, at)
    if (at === -1) throw new Error(`the seed has no section "${heading}"`)
    return at
  })
  sections.forEach(([, ...actions], index) => {
    const text = lines.slice(starts[index], starts[index + 1])
    const fields = text.flatMap((line) => /^((?:request|response)Data\.[A-Za-z.]+)$/.exec(line)?.[1] ?? [])
    for (const action of actions) {
      const known = found.get(`hs-crypto.${action}`) ?? new Set()
      found.set(`hs-crypto.${action}`, new Set([...known, ...fields]))
    }
  })
  return found
}

const seedFieldsOf = (entry: CatalogueEntry): string[] => {
  const names = (side: string, fields: readonly FieldSpec[]): string[] =>
    fields.filter(({ source }) => source === 'seed').map(({ name }) => `${side}.${name}`)
  return [...names('requestData', entry.request), ...names('responseData', entry.response)]
}

/** Documented for all of a family, or for failures only. */
const everywhere = new Set(['requestData.location', 'responseData.reasonForFailure', 'responseData.resourceCRN'])

test('fields are those of the seed: none missing, none said to be of the seed that is not', () => {
  const documented = documentedFields()
  expect(documented.size).toBeGreaterThan(30)
  for (const entry of catalogue.all()) {
    const ours = seedFieldsOf(entry).filter((field) => !everywhere.has(field))
    const theirs = [...(documented.get(entry.action) ?? [])].filter((field) => !everywhere.has(field))
    expect([entry.action, ...ours.sort()]).toEqual([entry.action, ...theirs.sort()])
  }
})

test('every Trusted Key Entry event names the location of the unit', () => {
  const units = catalogue.all().filter(({ family, source }) => family === 'tke' && source === 'seed')
  expect(units).toHaveLength(9)
  const without = units.filter(({ request }) => request.every(({ name }) => name !== 'location'))
  expect(without).toEqual([])
})

test('the common fields of the seed are there in every event', () => {
  const common = section('Common fields', 'Key action events').flatMap((line) => /^(\S+) \|$/.exec(line)?.[1] ?? [])
  expect(common).toEqual(['requestData.requestURI', 'requestData.instanceID', 'correlationId'])
  const event = buildEvent(call('hs-crypto.secrets.list'), stamp)
  expect(event.requestData).toHaveProperty('requestURI')
  expect(event.requestData).toHaveProperty('instanceID')
  expect(event).toHaveProperty('correlationId')
})

/** "Analyzing failed events": what each paragraph is about, and words that the explanation must have of it. */
const failures: readonly (readonly [string, Parameters<typeof call>[0], number, object, readonly string[]])[] = [
  ['Unable to delete a key', 'hs-crypto.secrets.delete', 409, {}, ['retention policy', 'preventKeyDeletion']],
  ['Unable to delete a key', 'hs-crypto.secrets.delete', 409, {}, ['dual authorization', '/policies']],
  ['Unable to authenticate while making a request', 'hs-crypto.secrets.wrap', 401, {}, ['authorization', 'token']],
  [
    'Unable to view or list keys in a service instance',
    'hs-crypto.secrets.list',
    200,
    { totalResources: 0 },
    ['deleted state', 'offset', 'GET /api/v2/keys?state=5'],
  ],
  [
    'Lifecycle action on a key with registrations did not complete',
    'hs-crypto.secrets.ack-rotate',
    409,
    { reasonForFailure: 'CONFLICT', resourceCRN: keyCrn },
    ['conflicts with', 'resourceCRN'],
  ],
  [
    'Lifecycle action on a key with registrations did not complete',
    'hs-crypto.secrets.ack-delete',
    408,
    {},
    ['4 hours', 'reasonForFailure'],
  ],
  ['Unable to perform Trusted Key Entry actions', 'hs-crypto.tke-cryptounit.reset', 400, {}, ['not supported']],
  ['Unable to perform Trusted Key Entry actions', 'hs-crypto.tke-cryptounit.reset', 401, {}, ['access token']],
  ['Unable to perform Trusted Key Entry actions', 'hs-crypto.tke-cryptounit.reset', 403, {}, ['permissions']],
  ['Unable to perform Trusted Key Entry actions', 'hs-crypto.tke-cryptounit.reset', 500, {}, ['reasonForFailure']],
]

test.each(failures)('%s: %s with %i is explained', (heading, action, code, response, words) => {
  expect(section('Analyzing failed events', 'Event severity')).toContain(heading)
  const outcome = code < 300 ? 'success' : 'failure'
  const event = buildEvent(call(action, { outcome, reason: { code }, response }), stamp)
  const text = JSON.stringify(explain(event))
  for (const word of words) expect(text).toContain(word)
})
