/** Which certificates of clients are accepted, by what issued them, and how little the others may cost. */
import { execFileSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { element, sequence } from '@keywitness/crypto-unit/tke/der'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { ClientChain } from './client-chain.ts'
import { type ClientVerdict, clientVerdict, pathLimits } from './client-path.ts'
import * as make from './testing/mint.ts'
import { authority, basicConstraints, extKeyUsage, type Minted, mint, newKeys } from './testing/mint.ts'

const now = Date.UTC(2026, 5, 1)
const day = 24 * 3_600_000

function chainOf(...sent: readonly Pick<Minted, 'der'>[]): ClientChain {
  const certificates = sent.map(({ der }) => der)
  return { fingerprint: fingerprintOf(sent[0] as Minted), certificates }
}

const fingerprintOf = ({ der }: Pick<Minted, 'der'>): string => createHash('sha256').update(der).digest('hex')

const judge = (
  sent: readonly Pick<Minted, 'der'>[],
  anchors: readonly Pick<Minted, 'der'>[],
  at = now,
): ClientVerdict => clientVerdict(chainOf(...sent), anchors, at)

const failure = (...of: Parameters<typeof judge>): string => judge(...of).failure ?? 'accepted'
const fault = (...of: Parameters<typeof judge>): string | undefined => judge(...of).fault

const root = authority('root')
const inner = authority('inner', root)
const issuing = authority('issuing', inner)
const client = (issuer: Minted, more: Partial<make.MintOptions> = {}): Minted =>
  mint({ subject: 'client', issuer, ...more })
const leaf = client(issuing)

test('a client is accepted by whatever its certificate leads to, with what it sent in between, in any order', () => {
  expect(failure([leaf], [issuing])).toBe('accepted')
  expect(failure([leaf, issuing], [inner])).toBe('accepted')
  expect(failure([leaf, issuing, inner], [root])).toBe('accepted')
  expect(failure([leaf, root, inner, issuing], [root])).toBe('accepted')
  expect(failure([leaf, issuing, inner, root], [issuing])).toBe('accepted')
  expect(failure([leaf, issuing], [authority('another'), inner])).toBe('accepted')
})

test('a client is not accepted by what its certificate does not lead to', () => {
  expect(failure([leaf], [inner])).toBe('untrusted')
  expect(failure([leaf, inner], [root])).toBe('untrusted')
  expect(failure([leaf, issuing, inner, root], [authority('another')])).toBe('untrusted')
  expect(failure([leaf, issuing, inner, root], [])).toBe('untrusted')
  expect(failure([leaf, issuing], [root])).toBe('untrusted')
})

test('a verdict names the client’s own certificate, and what none was shown is not called untrusted', () => {
  expect(judge([leaf, issuing], [inner]).fingerprint).toBe(fingerprintOf(leaf))
  expect(judge([leaf], []).fingerprint).toBe(fingerprintOf(leaf))
  expect(clientVerdict(undefined, [root], now)).toMatchObject({ failure: 'missing', fingerprint: undefined })
})

test('an accepted certificate that a client shows itself is accepted', () => {
  const own = authority('self-made')
  expect(failure([own], [own])).toBe('accepted')
  expect(failure([own], [root])).toBe('untrusted')
  expect(failure([authority('self-made', undefined, { keys: own.keys })], [own])).toBe('accepted')
  expect(failure([authority('self-made')], [own])).toBe('untrusted')
})

test('what IBM’s recipe for OpenSSL makes is accepted: a self-signed root, and a client of the first version', () => {
  const folder = mkdtempSync(join(tmpdir(), 'recipe-'))
  try {
    const run = (...args: string[]): unknown => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
    run(...'req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 730 -subj /CN=ca'.split(' '))
    run(...'req -newkey rsa:2048 -nodes -keyout client.key -out client.csr -subj /CN=client'.split(' '))
    run(
      ...'x509 -req -in client.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out client.pem -days 730 -sha256'.split(
        ' ',
      ),
    )
    const [made, ca] = ['client.pem', 'ca.pem'].map((file) => ({
      der: new X509Certificate(readFileSync(join(folder, file))).raw,
    })) as [{ der: Buffer }, { der: Buffer }]
    const at = new X509Certificate(made.der).validFromDate.getTime()
    expect(failure([made], [ca], at)).toBe('accepted')
    expect(failure([made, ca], [ca], at)).toBe('accepted')
    expect(failure([made], [root], at)).toBe('untrusted')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('of the first version a client’s certificate may be, and a root, and nothing in between', () => {
  const old = mint({ subject: 'old root', version: 1 })
  expect(failure([client(old, { version: 1 })], [old])).toBe('accepted')
  const between = mint({ subject: 'old inner', version: 1, issuer: root })
  expect(failure([client(between), between], [root])).toBe('untrusted')
  expect(failure([client(between)], [between])).toBe('untrusted')
  const renewed = mint({ subject: 'old root', version: 1, keys: old.keys })
  expect(failure([client(old), renewed], [authority('old root')])).toBe('untrusted')
})

test('a client cannot make clients', () => {
  const victim = client(root, { extensions: [basicConstraints(false)] })
  const plain = client(root)
  const signing = client(root, { extensions: [make.keyUsage(0x84)] })
  for (const issuer of [victim, plain, signing]) expect(failure([client(issuer), issuer], [root])).toBe('untrusted')
})

test('the purposes of a client’s certificate must include clients, if it names any', () => {
  const of = (...extensions: Buffer[]): [readonly Minted[], readonly Minted[]] => [
    [client(root, { extensions })],
    [root],
  ]
  expect(failure(...of(extKeyUsage('clientAuth')))).toBe('accepted')
  expect(failure(...of(extKeyUsage('serverAuth', 'clientAuth')))).toBe('accepted')
  expect(fault(...of(extKeyUsage('serverAuth')))).toBe('purpose')
  expect(fault(...of(extKeyUsage('any')))).toBe('purpose')
  expect(failure(...of(make.keyUsage(0x80)))).toBe('accepted')
  expect(failure(...of(make.keyUsage(0x08)))).toBe('accepted')
  expect(fault(...of(make.keyUsage(0x20)))).toBe('usage')
  expect(fault(...of(make.keyUsage(0)))).toBe('usage')
})

test('authorities must be for clients and for signing, if they say what for', () => {
  const through = (...extensions: Buffer[]): string => {
    const sub = authority('sub', root, { extensions })
    const verdicts = [failure([client(sub), sub], [root]), failure([client(sub)], [sub])]
    expect(new Set(verdicts).size).toBe(1)
    return verdicts[0] as string
  }
  expect(through(make.keyUsage(0x06))).toBe('accepted')
  expect(through(make.keyUsage(0x02))).toBe('untrusted')
  expect(through(extKeyUsage('clientAuth'))).toBe('accepted')
  expect(through(extKeyUsage('serverAuth'))).toBe('untrusted')
  expect(through(make.nameConstraints('.example'))).toBe('untrusted')
  expect(through(make.nameConstraints('.example', false))).toBe('untrusted')
})

test('without basicConstraints only an accepted certificate may be an authority, by its key usage', () => {
  const sub = mint({ subject: 'sub', issuer: root, extensions: [make.keyUsage(0x04)] })
  expect(failure([client(sub)], [sub])).toBe('accepted')
  expect(failure([client(sub), sub], [root])).toBe('untrusted')
  const silent = mint({ subject: 'silent', extensions: [make.subjectKeyIdentifier(Buffer.from('k'))] })
  expect(failure([client(silent)], [silent])).toBe('untrusted')
})

test('path lengths count authorities that are not self-issued, from whichever certificate says so', () => {
  const short = authority('short', undefined, { pathLength: 0 })
  const below = authority('below', short)
  expect(failure([client(short)], [short])).toBe('accepted')
  expect(failure([client(below), below], [short])).toBe('untrusted')
  const renewed = authority('short', short)
  expect(failure([client(renewed), renewed], [short])).toBe('accepted')
  const one = authority('one', root, { pathLength: 1 })
  const two = authority('two', one)
  const three = authority('three', two)
  expect(failure([client(two), two, one], [root])).toBe('accepted')
  expect(failure([client(three), three, two, one], [root])).toBe('untrusted')
  expect(failure([client(three), three], [two])).toBe('accepted')
})

test('a longer way is found where the shorter one leaves no room', () => {
  const top = authority('top')
  const keys = newKeys()
  const narrow = authority('middle', top, { keys, pathLength: 0 })
  const wide = authority('middle', top, { keys })
  const below = authority('below', wide)
  for (const order of [
    [below, narrow, wide],
    [below, wide, narrow],
  ]) {
    expect(failure([client(below), ...order], [top])).toBe('accepted')
  }
  expect(failure([client(below), below, narrow], [top])).toBe('untrusted')
})

test('a path has five certificates at most', () => {
  const line = [root]
  for (let depth = 1; depth <= 4; depth++) line.push(authority(`depth ${depth}`, line.at(-1)))
  const end = (depth: number): [readonly Minted[], readonly Minted[]] => [
    [client(line[depth] as Minted), ...line.slice(1, depth + 1)],
    [root],
  ]
  expect(failure(...end(pathLimits.depth - 2))).toBe('accepted')
  expect(failure(...end(pathLimits.depth - 1))).toBe('untrusted')
})

test('client, intermediates and what is accepted must all be within their times', () => {
  const [from, to] = [now - day, now + day]
  const top = authority('timed', undefined, { from: from - day, to: to + day })
  const sub = authority('timed sub', top, { from, to })
  const of = client(sub, { from: from - day, to: to + 3 * day })
  const at = (time: number): string => failure([of, sub], [top], time)
  expect([from - 1, from, now, to - 1, to, to + day, to + 4 * day].map(at)).toEqual([
    'not-yet-valid',
    'accepted',
    'accepted',
    'accepted',
    'expired',
    'expired',
    'expired',
  ])
  expect(failure([of], [sub], to)).toBe('expired')
  expect(failure([client(top, { to: now })], [top])).toBe('expired')
  expect(failure([client(top, { to: now })], [root])).toBe('untrusted')
  expect(failure([client(top, { from: now + 1_000 })], [top])).toBe('not-yet-valid')
})

test('one that has expired does not stand in the way of one of the same name and key that has not', () => {
  const keys = newKeys()
  const old = authority('renewed', root, { keys, to: now })
  const renewed = authority('renewed', root, { keys })
  expect(failure([client(old), old, renewed], [root])).toBe('accepted')
  expect(failure([client(old), renewed, old], [root])).toBe('accepted')
  expect(failure([client(old)], [old, renewed])).toBe('accepted')
  expect(failure([client(old)], [old])).toBe('expired')
})

test('a verdict tells from when to when it is the same', () => {
  const sub = authority('sub', root, { from: now - 2 * day, to: now + 2 * day })
  const of = client(sub, { from: now - day, to: now + 3 * day })
  expect(judge([of, sub], [root])).toMatchObject({ from: now - day, until: now + 2 * day })
  expect(judge([of, sub], [root], now + 2 * day)).toMatchObject({ from: now + 2 * day, until: now + 3 * day })
  expect(judge([of], [root], now - 2 * day)).toMatchObject({ until: now - day })
})

test('the same name with another key is another authority, and key identifiers tell them apart', () => {
  const [one, two] = [authority('twin'), authority('twin')]
  expect(failure([client(one)], [two])).toBe('untrusted')
  expect(failure([client(one)], [two, one])).toBe('accepted')
  const marked = authority('twin', undefined, {
    keys: one.keys,
    extensions: [make.subjectKeyIdentifier(Buffer.from('mine'))],
  })
  const pointing = (to: string): Minted =>
    client(marked, { extensions: [make.authorityKeyIdentifier(Buffer.from(to))] })
  expect(failure([pointing('mine')], [marked])).toBe('accepted')
  expect(failure([pointing('other')], [marked])).toBe('untrusted')
})

test('names are compared as names, not by how they are printed', () => {
  const two = sequence(...['a', 'b'].map((text) => make.nameOf(text).subarray(2)))
  const of = authority(two)
  const other = authority(make.nameOf('a\nCN=b'), undefined, { keys: of.keys })
  const split = authority(make.nameOf('a\u0000b'), undefined, { keys: of.keys })
  for (const fake of [other, split, authority('a\\0b', undefined, { keys: of.keys })]) {
    expect(failure([client(of)], [fake])).toBe('untrusted')
    expect(failure([client(fake)], [of])).toBe('untrusted')
  }
  expect(failure([client(other)], [split])).toBe('untrusted')
  // One name in other encodings is one name (RFC 5280, section 7.1).
  const utf8 = authority('Acme  CA')
  for (const written of [
    make.nameOf('acme ca', 0x13),
    make.nameOf('', 0x1e, Buffer.from('ACME CA', 'utf16le').swap16()),
  ]) {
    expect(failure([client({ ...utf8, name: written })], [utf8])).toBe('accepted')
  }
})

test('signatures by old hashes and short or odd keys count for nothing, but under an accepted certificate of its own', () => {
  for (const hash of ['sha1', 'sha224'] as const) {
    expect(fault([client(root, { hash })], [root])).toBe('signature')
    const sub = authority('weak', root, { hash })
    expect(failure([client(sub), sub], [root])).toBe('untrusted')
    expect(failure([client(sub)], [sub])).toBe('accepted')
  }
  for (const kind of ['rsa-short', 'k1'] as const) {
    expect(fault([client(root, { keys: newKeys(kind) })], [root])).toBe('key')
    const sub = authority('short key', root, { keys: newKeys(kind) })
    expect(failure([client(sub), sub], [root])).toBe('untrusted')
    expect(failure([client(sub)], [sub])).toBe('untrusted')
  }
  for (const kind of ['rsa', 'ed25519'] as const) {
    const sub = authority('other key', root, { keys: newKeys(kind) })
    expect(failure([client(sub, { keys: newKeys(kind) }), sub], [root])).toBe('accepted')
  }
})

test('a critical extension that nobody evaluates refuses, in any certificate of the path', () => {
  const odd = make.extension('1.3.6.1.4.1.99999.1', Buffer.from([5, 0]), true)
  const harmless = make.extension('1.3.6.1.4.1.99999.1', Buffer.from([5, 0]))
  expect(fault([client(root, { extensions: [odd] })], [root])).toBe('extension')
  expect(failure([client(root, { extensions: [harmless] })], [root])).toBe('accepted')
  const sub = authority('odd', root, { extensions: [odd] })
  expect(failure([client(sub), sub], [root])).toBe('untrusted')
  expect(failure([client(sub)], [sub])).toBe('untrusted')
})

test('what is not encoded as the standard has it is no certificate, whoever signed it', () => {
  const twice = [extKeyUsage('clientAuth'), extKeyUsage('serverAuth')]
  const broken = [
    client(root, { extensions: twice }),
    client(root, { version: 1, extensions: [extKeyUsage('clientAuth')] }),
    client(root, { version: 2, extensions: [basicConstraints(false)] }),
    client(root, { extensions: [make.extension('2.5.29.15', Buffer.from([3, 1]), true)] }),
    client(root, { extensions: [make.extension('2.5.29.15', Buffer.from([3, 2, 9, 0x80]), true)] }),
    client(root, { extensions: [make.extension('2.5.29.19', sequence(element(0x01, Buffer.from([0xff, 0]))))] }),
    client(root, { extensions: [make.extension('2.5.29.19', sequence(element(0x02, Buffer.from([0x80]))))] }),
    client(root, { extensions: [make.extension('2.5.29.37', Buffer.from('nonsense'))] }),
  ]
  for (const of of broken) expect(fault([of], [root])).toBe('malformed')
  const { der } = client(root)
  expect(fault([{ der: Buffer.concat([der, Buffer.from([0])]) }], [root])).toBe('malformed')
  expect(fault([{ der: der.subarray(0, -1) }], [root])).toBe('malformed')
  expect(fault([{ der: Buffer.alloc(0) }], [root])).toBe('malformed')
  const altered = Buffer.from(der)
  altered.writeUInt8(altered.readUInt8(altered.length - 1) ^ 1, altered.length - 1)
  expect(failure([{ der: altered }], [root])).toBe('untrusted')
  expect(failure([client(root), { der: Buffer.from('nonsense') }], [root])).toBe('accepted')
  expect(failure([client(root)], [{ der: Buffer.from('nonsense') }, root])).toBe('accepted')
})

test('whichever byte of a certificate is altered, it is judged, and not accepted', () => {
  const { der } = client(root, { extensions: [basicConstraints(false), extKeyUsage('clientAuth')] })
  const sub = authority('sub', root, { pathLength: 0 })
  const below = client(sub)
  expect(failure([{ der }], [root])).toBe('accepted')
  fc.assert(
    fc.property(
      fc.nat(der.length - 1),
      fc.nat(sub.der.length - 1),
      fc.integer({ min: 1, max: 255 }),
      (at, atSub, by) => {
        const altered = Buffer.from(der)
        altered.writeUInt8(altered.readUInt8(at) ^ by, at)
        expect(failure([{ der: altered }], [root])).toBe('untrusted')
        const alteredSub = Buffer.from(sub.der)
        alteredSub.writeUInt8(alteredSub.readUInt8(atSub) ^ by, atSub)
        expect(failure([below, { der: alteredSub }], [root])).toBe('untrusted')
      },
    ),
    { numRuns: 500 },
  )
})

test('more than is kept of a handshake is refused', () => {
  const chain = { fingerprint: fingerprintOf(leaf), certificates: undefined }
  expect(clientVerdict(chain, [issuing], now)).toMatchObject({ failure: 'untrusted', fault: 'too-much' })
})

test('loops of authorities, and many of one name and key, cost a signature for each pair at most', () => {
  const verify = vi.spyOn(X509Certificate.prototype, 'verify')
  try {
    const keys = newKeys()
    const same = Array.from({ length: 7 }, () =>
      authority('same', { name: make.nameOf('same'), keys } as Minted, { keys }),
    )
    expect(failure([client(same[0] as Minted), ...same], [authority('same')])).toBe('untrusted')
    expect(verify.mock.calls.length).toBeLessThanOrEqual(8)
    verify.mockClear()
    expect(failure([client(same[0] as Minted), ...same], [authority('same', undefined, { keys })])).toBe('accepted')
    expect(verify).toHaveBeenCalledTimes(1)
    verify.mockClear()
    const [a, b] = [newKeys(), newKeys()]
    const ab = authority('a', { name: make.nameOf('b'), keys: b } as Minted, { keys: a })
    const ba = authority('b', { name: make.nameOf('a'), keys: a } as Minted, { keys: b })
    expect(failure([client(ab), ab, ba], [root])).toBe('untrusted')
    expect(verify).not.toHaveBeenCalled()
    const manyAnchors = Array.from({ length: 100 }, () => authority('same'))
    expect(failure([client(same[0] as Minted), ...same], manyAnchors)).toBe('untrusted')
    expect(verify.mock.calls.length).toBeLessThanOrEqual(pathLimits.signatures)
    verify.mockClear()
    const last = manyAnchors[99] as Minted
    expect(failure([client(last)], manyAnchors)).toBe('accepted')
  } finally {
    verify.mockRestore()
  }
})
