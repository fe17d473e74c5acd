/** Verdicts on clients' certificates against those of OpenSSL, another implementation of the same standard. */
import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { factsOf } from './certificate-facts.ts'
import { clientVerdict, pathLimits } from './client-path.ts'
import * as make from './testing/mint.ts'
import { authority, type Minted, mint, newKeys } from './testing/mint.ts'

const now = Date.UTC(2026, 5, 1)
const day = 24 * 3_600_000

let folder: string
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'paths-'))))
afterAll(() => rmSync(folder, { recursive: true }))

/** What OpenSSL says of each, with the same sent beside it. */
function openssl(clients: readonly Minted[], sent: readonly Minted[], anchors: readonly Minted[]): boolean[] {
  const file = (name: string, certificates: readonly Minted[]): string => {
    writeFileSync(join(folder, name), certificates.map(({ cert }) => cert).join(''))
    return name
  }
  const options = ['-partial_chain', '-purpose', 'sslclient', '-auth_level', '2', '-no-CApath', '-no-CAstore']
  const bounds = ['-verify_depth', String(pathLimits.depth - 2), '-attime', String(now / 1_000)]
  const given = [
    '-CAfile',
    file('anchors.pem', anchors),
    ...(sent.length === 0 ? [] : ['-untrusted', file('sent.pem', sent)]),
  ]
  const names = clients.map((client, index) => file(`${index}.pem`, [client]))
  const { stdout } = spawnSync('openssl', ['verify', ...options, ...bounds, ...given, ...names], {
    cwd: folder,
    encoding: 'utf8',
  })
  const good = new Set(stdout.split('\n'))
  return names.map((name) => good.has(`${name}: OK`))
}

const ours = (client: Minted, sent: readonly Minted[], anchors: readonly Minted[]): boolean =>
  clientVerdict({ fingerprint: '', certificates: [client, ...sent].map(({ der }) => der) }, anchors, now).failure ===
  undefined

/** One certificate: by which earlier one it is issued, and what it says. */
const recipe = fc.record({
  parent: fc.nat(7),
  isRoot: fc.boolean(),
  name: fc.nat(2),
  key: fc.nat(2),
  version: fc.constantFrom<1 | 3>(3, 3, 3, 3, 1),
  constraints: fc.constantFrom('ca', 'ca', 'ca', 'ca', 'ca', 'ca', 0, 1, 'client', 'none'),
  usage: fc.constantFrom(undefined, undefined, undefined, undefined, 0x84, 0x84, 0x06, 0x80, 0x20),
  purposes: fc.constantFrom(undefined, undefined, undefined, undefined, undefined, 'clientAuth', 'serverAuth', 'any'),
  hash: fc.constantFrom<'sha1' | 'sha256' | 'sha384'>('sha256', 'sha256', 'sha256', 'sha256', 'sha384', 'sha1'),
  times: fc.constantFrom('good', 'good', 'good', 'good', 'good', 'good', 'over', 'early', 'last'),
  critical: fc.constantFrom(false, false, false, false, false, false, false, true),
  isAnchor: fc.constantFrom(false, false, true),
})
type Recipe = typeof recipe extends fc.Arbitrary<infer T> ? T : never

const keys = Array.from({ length: 8 }, () => newKeys())
const odd = make.extension('1.3.6.1.4.1.99999.1', Buffer.from([5, 0]), true)

/** @param areNamesShared several certificates may have the same name and key */
function bake(recipes: readonly Recipe[], areNamesShared: boolean): { all: Minted[]; anchors: Minted[] } {
  const all: Minted[] = []
  const anchors: Minted[] = []
  for (const [index, one] of recipes.entries()) {
    const own = keys[areNamesShared ? one.key : index]
    const { constraints, purposes, usage } = one
    const extensions = [
      ...(constraints === 'none'
        ? []
        : [make.basicConstraints(constraints !== 'client', typeof constraints === 'number' ? constraints : undefined)]),
      ...(usage === undefined ? [] : [make.keyUsage(usage)]),
      ...(purposes === undefined ? [] : [make.extKeyUsage(purposes)]),
      ...(one.critical ? [odd] : []),
    ]
    const made = mint({
      subject: `name ${areNamesShared ? one.name : index}`,
      issuer: one.isRoot || index === 0 ? undefined : all[one.parent % index],
      version: one.version,
      hash: one.hash,
      extensions: one.version === 1 ? [] : extensions,
      ...(own === undefined ? {} : { keys: own }),
      ...(one.times === 'over' ? { to: now - day } : {}),
      ...(one.times === 'early' ? { from: now + day } : {}),
      ...(one.times === 'last' ? { to: now } : {}),
    })
    all.push(made)
    if (one.isAnchor) anchors.push(made)
  }
  return { all, anchors }
}

test.each([
  ['each name is one certificate’s', false],
  ['several share names and keys', true],
])('where %s, OpenSSL accepts nothing else, and follows each way that is found', (_, areNamesShared) => {
  const counts = { accepted: 0, refused: 0 }
  fc.assert(
    fc.property(fc.array(recipe, { minLength: 4, maxLength: 8 }), (recipes) => {
      const { all, anchors } = bake(recipes, areNamesShared)
      if (anchors.length === 0) return
      const theirs = openssl(all, all, anchors)
      for (const [index, client] of all.entries()) {
        const isAccepted = ours(client, all, anchors)
        counts[isAccepted ? 'accepted' : 'refused']++
        // OpenSSL takes the first way that it sees, and does not look for another.
        const should = theirs[index] === true || (isAccepted && (isSelfIssued(client) || hasWay(client, all, anchors)))
        expect([index, isAccepted]).toEqual([index, should])
      }
    }),
    { numRuns: 30, seed: 9 },
  )
  expect(Math.min(counts.accepted, counts.refused)).toBeGreaterThan(20)
})

const isSelfIssued = ({ der }: Minted): boolean => factsOf(der)?.isSelfIssued === true

/**
 * Whether there are certificates for OpenSSL to accept it by, alone, one issued by the next. Of two with one name OpenSSL
 * takes either, whichever key signed: of them it cannot be asked.
 */
function hasWay(client: Minted, all: readonly Minted[], anchors: readonly Minted[]): boolean {
  const isIssued = (subject: Minted, issuer: Minted): boolean =>
    new X509Certificate(subject.der).checkIssued(new X509Certificate(issuer.der))
  const from = (path: readonly Minted[]): boolean => {
    const last = path.at(-1) as Minted
    const ends = anchors.filter((anchor) => anchor === client || isIssued(last, anchor))
    const middle = path.slice(1)
    for (const anchor of ends) {
      const names = [...middle, anchor].map(({ name }) => name.toString('hex'))
      if (new Set(names).size < names.length || openssl([client], middle, [anchor])[0] === true) return true
    }
    if (path.length === pathLimits.depth - 1) return false
    return all.some((next) => !path.includes(next) && isIssued(last, next) && from([...path, next]))
  }
  return from([client])
}

test('what is refused here and accepted by OpenSSL is exactly what the documents name', () => {
  const root = authority('root')
  const under = (...extensions: Buffer[]): [Minted, Minted[], Minted[]] => {
    const sub = authority('sub', root, { extensions })
    return [mint({ subject: 'client', issuer: sub }), [sub], [root]]
  }
  const of = (more: Partial<make.MintOptions>): [Minted, Minted[], Minted[]] => [
    mint({ subject: 'client', issuer: root, ...more }),
    [],
    [root],
  ]
  const policies = make.extension('2.5.29.36', Buffer.from('3003800101', 'hex'), true)
  const lists = make.extension('2.5.29.31', Buffer.from('3000', 'hex'), true)
  const stricter = [
    under(make.nameConstraints('.example')),
    under(make.nameConstraints('.example', false)),
    under(policies),
    of({ extensions: [policies] }),
    of({ extensions: [lists] }),
    of({ version: 1, extensions: [make.basicConstraints(false)] }),
    of({ hash: 'sha224' }),
    of({ keys: newKeys('k1') }),
  ]
  for (const [index, [client, sent, anchors]] of stricter.entries()) {
    expect([index, ours(client, sent, anchors), openssl([client], sent, anchors)]).toEqual([index, false, [true]])
  }
  const again = authority('root', undefined, { keys: root.keys })
  expect([ours(again, [], [root]), openssl([again], [], [root])]).toEqual([true, [false]])
  const netscape = of({ extensions: [make.extension('2.16.840.1.113730.1.1', Buffer.from('03020640', 'hex'))] })
  expect([ours(...netscape), openssl([netscape[0]], netscape[1], netscape[2])]).toEqual([true, [false]])
})
