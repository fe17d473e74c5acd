/** `seal`: the file of a server's seal goes under a passphrase, under another one, and back, and is never lost. */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSeal, protectSeal } from '@keywitness/crypto-unit/seal-envelope'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Terminal, terminalAt } from './in-process.ts'

const passphrase = 'correct horse battery staple'
const other = 'another horse, another staple'
/** The least that is accepted: these envelopes are only there to begin with. */
const cheap = { memoryKiB: 19 * 1024, passes: 2, lanes: 1 }
let seal: Buffer
let data: string
let file: string
let terminal: Terminal

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'keywitness-seal-'))
  file = join(data, 'seal.key')
  seal = randomBytes(32)
  writeFileSync(file, seal, { mode: 0o600 })
  terminal = terminalAt(undefined)
  terminal.environment['KEYWITNESS_DATA'] = data
})
afterEach(() => {
  for (const path of [data, terminal.folder]) rmSync(path, { recursive: true, force: true })
})

/** A file with a passphrase, as an operator would keep it. */
function passphraseFile(text: string): string {
  const path = join(terminal.folder, `passphrase-${randomBytes(4).toString('hex')}`)
  writeFileSync(path, `${text}\n`, { mode: 0o600 })
  return path
}

function putUnder(text: string): void {
  writeFileSync(file, protectSeal(seal, text, cheap))
}

const opened = (text: string): Buffer => Buffer.from(openSeal(readFileSync(file), text))

test('a plain seal goes under a passphrase that is asked for twice, under another one, and back', async () => {
  expect((await terminal.keywitness('seal status')).out).toBe(
    `${file}\nplain: whoever reads it can open the sealed state\n  keywitness seal protect puts it under a passphrase\nmode 0600\n`,
  )
  terminal.typed = passphrase
  const protectedNow = await terminal.keywitness('seal protect')
  expect(protectedNow).toMatchObject({ exitCode: 0, out: `${file} is under the passphrase now\n` })
  expect(protectedNow.err).toContain('Passphrase for the seal: The same once more: ')
  expect(protectedNow.err).toContain('The old bytes were overwritten where they lay. Copies, back-ups')
  expect(opened(passphrase)).toEqual(seal)
  expect((await terminal.keywitness('seal status')).out).toBe(
    `${file}\nunder a passphrase: format 1, AES-256-GCM, Argon2id, 64 MiB, 3 passes, 1 lane\nmode 0600\n`,
  )
  terminal.typed = [passphrase, other, other]
  expect(await terminal.keywitness('seal change-passphrase')).toMatchObject({ exitCode: 0 })
  expect(opened(other)).toEqual(seal)
  expect(() => opened(passphrase)).toThrow('another one')
  terminal.typed = [other, 'yes']
  const plain = await terminal.keywitness('seal unprotect')
  expect(plain).toMatchObject({ exitCode: 0, out: expect.stringContaining('is a plain file now, 0600') as string })
  expect(plain.err).toContain('can open every key from then on. Go on? Type yes: ')
  expect(readFileSync(file)).toEqual(seal)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readdirSync(data)).toEqual(['seal.key'])
})

test('the same without a person, by files', async () => {
  const [one, two] = [passphraseFile(passphrase), passphraseFile(other)]
  expect(await terminal.keywitness(['seal', 'protect', '--passphrase-file', one])).toMatchObject({ exitCode: 0 })
  const status = await terminal.keywitness(['seal', 'status', '--passphrase-file', one, '--json'])
  expect(JSON.parse(status.out)).toEqual({
    file,
    protected: true,
    version: 1,
    kdf: { name: 'Argon2id', memoryKiB: 65_536, passes: 3, lanes: 1 },
    mode: '0600',
    isPrivate: true,
    opens: true,
  })
  const change = ['seal', 'change-passphrase', '--passphrase-file', one, '--new-passphrase-file', two]
  expect(await terminal.keywitness(change)).toMatchObject({ exitCode: 0 })
  const back = ['seal', 'unprotect', '--passphrase-file', two]
  expect(await terminal.keywitness(back)).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('if that is meant, add --yes') as string,
  })
  expect(await terminal.keywitness([...back, '--yes'])).toMatchObject({ exitCode: 0 })
  expect(readFileSync(file)).toEqual(seal)
})

test('the file is found where the server of the same settings looks for it', async () => {
  const elsewhere = join(data, 'elsewhere')
  mkdirSync(elsewhere)
  for (const name of ['env.key', 'config.key', 'given.key']) {
    writeFileSync(join(elsewhere, name), seal, { mode: 0o600 })
  }
  const shown = async (...words: string[]): Promise<string> =>
    ((await terminal.keywitness(['seal', 'status', ...words])).out.split('\n')[0] ?? '').slice(data.length)
  const config = join(data, 'settings.json')
  writeFileSync(config, JSON.stringify({ KEYWITNESS_SEAL: '<data>/elsewhere/config.key' }))
  terminal.environment['KEYWITNESS_CONFIG'] = config
  expect(await shown()).toBe('/elsewhere/config.key')
  terminal.environment['KEYWITNESS_SEAL'] = join(elsewhere, 'env.key')
  expect(await shown()).toBe('/elsewhere/env.key')
  expect(await shown('--file', join(elsewhere, 'given.key'))).toBe('/elsewhere/given.key')
  terminal.environment['KEYWITNESS_CONFIG'] = join(data, 'nowhere.json')
  expect(await terminal.keywitness('seal status')).toMatchObject({ exitCode: 2 })
})

test('what cannot be done is refused with a reason and no secret, and the file stays as it is', async () => {
  const good = passphraseFile(passphrase)
  const wrong = passphraseFile('not the passphrase')
  const refusals: [before: 'plain' | 'protected', words: string[], typed: Terminal['typed'], why: string][] = [
    ['plain', ['protect'], undefined, 'there is no terminal to ask for the passphrase at; give --passphrase-file'],
    ['plain', ['protect'], 'too short', 'it has 9 characters and must have 12'],
    ['plain', ['protect'], 'arrow keys \u001b[D in it', 'control character'],
    ['plain', ['protect'], [passphrase, other], 'the two are not the same'],
    ['plain', ['protect', '--passphrase-file', passphraseFile('')], undefined, 'is empty'],
    ['plain', ['protect', '--passphrase-file', passphraseFile('short')], undefined, 'must have 12'],
    ['plain', ['protect', '--passphrase-file', join(data, 'nowhere')], undefined, 'cannot read'],
    ['plain', ['unprotect', '--yes'], passphrase, 'is not under a passphrase; keywitness seal protect does that'],
    ['plain', ['change-passphrase'], passphrase, 'is not under a passphrase'],
    ['plain', ['status', '--passphrase-file', good], undefined, 'is not under a passphrase'],
    ['protected', ['protect'], passphrase, 'is under a passphrase already; keywitness seal change-passphrase'],
    ['protected', ['change-passphrase'], [other, other, other], 'the passphrase is another one, or the file was'],
    ['protected', ['change-passphrase'], [passphrase, 'short', 'short'], 'must have 12'],
    ['protected', ['change-passphrase'], [passphrase, other, passphrase], 'the two are not the same'],
    ['protected', ['change-passphrase'], passphrase, 'the new passphrase is the present one'],
    ['protected', ['unprotect', '--yes', '--passphrase-file', wrong], undefined, 'the passphrase is another one'],
    ['protected', ['unprotect'], [passphrase, 'no'], 'nothing was changed; if that is meant, add --yes'],
    ['protected', ['status', '--passphrase-file', wrong], undefined, 'the passphrase is another one'],
  ]
  for (const [before, words, typed, why] of refusals) {
    writeFileSync(file, before === 'plain' ? seal : protectSeal(seal, passphrase, cheap))
    const bytes = readFileSync(file)
    terminal.typed = typed
    const { exitCode, out, err } = await terminal.keywitness(['seal', ...words])
    expect({ words, exitCode, out }).toEqual({ words, exitCode: 2, out: '' })
    expect(err).toContain(why)
    for (const secret of [passphrase, other, 'not the passphrase', 'too short']) expect(err).not.toContain(secret)
    expect(readFileSync(file)).toEqual(bytes)
    expect(existsSync(`${file}.new`)).toBe(false)
  }
})

test('what is no seal is said so', async () => {
  const damaged: [Uint8Array, string][] = [
    [Buffer.alloc(31), 'must hold exactly 32 bytes'],
    [randomBytes(5_000_000), 'must hold exactly 32 bytes'],
    [Buffer.from(protectSeal(seal, passphrase, cheap)).subarray(0, 97), 'it is damaged'],
    [Buffer.from(protectSeal(seal, passphrase, cheap)).fill(0xff, 10, 14), 'memoryKiB of Argon2id is 4294967295'],
  ]
  for (const [bytes, why] of damaged) {
    writeFileSync(file, bytes)
    for (const command of ['status', 'protect', 'unprotect', 'change-passphrase']) {
      terminal.typed = passphrase
      const { exitCode, err } = await terminal.keywitness(['seal', command])
      expect({ command, exitCode }).toEqual({ command, exitCode: 2 })
      expect(err).toContain(why)
    }
    expect(readFileSync(file)).toEqual(Buffer.from(bytes))
  }
  rmSync(file)
  expect(await terminal.keywitness('seal status')).toMatchObject({
    exitCode: 2,
    err: `error: cannot read the seal ${file}: ENOENT; give the file by --file\n`,
  })
})

test('status tells that others can read the file, and protecting it makes it 0600', async () => {
  chmodSync(file, 0o644)
  expect((await terminal.keywitness('seal status')).out).toContain('mode 0644: others can read it')
  await terminal.keywitness(['seal', 'protect', '--passphrase-file', passphraseFile(passphrase)])
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('the bytes of the plain file are overwritten where they lay', async () => {
  const handle = openSync(file, 'r')
  await terminal.keywitness(['seal', 'protect', '--passphrase-file', passphraseFile(passphrase)])
  const bytes = Buffer.alloc(64, 1)
  expect(bytes.subarray(0, readSync(handle, bytes, 0, 64, 0))).toEqual(Buffer.alloc(32))
  closeSync(handle)
})

test('a hard link to the plain file is left alone, and told of', async () => {
  const copy = join(data, 'copy')
  linkSync(file, copy)
  const { err } = await terminal.keywitness(['seal', 'protect', '--passphrase-file', passphraseFile(passphrase)])
  expect(err).toContain('The old file has another name (a hard link), which still holds the plain seal.')
  expect(readFileSync(copy)).toEqual(seal)
  expect(opened(passphrase)).toEqual(seal)
})

test('a link to the seal stays a link', async () => {
  const link = join(data, 'link')
  symlinkSync(file, link)
  const words = ['seal', 'protect', '--file', link, '--passphrase-file', passphraseFile(passphrase)]
  expect(await terminal.keywitness(words)).toMatchObject({ exitCode: 0 })
  expect(opened(passphrase)).toEqual(seal)
  expect(readFileSync(link)).toEqual(readFileSync(file))
})

test.skipIf(process.getuid?.() !== 0)(
  'root protects it for the server’s user, who can read it afterwards',
  async () => {
    spawnSync('chown', ['65534:65534', file])
    await terminal.keywitness(['seal', 'protect', '--passphrase-file', passphraseFile(passphrase)])
    const { uid, gid } = statSync(file)
    expect({ uid, gid }).toEqual({ uid: 65_534, gid: 65_534 })
  },
)

test('two commands do not replace one seal at a time, and what a killed one left is named', async () => {
  writeFileSync(`${file}.new`, 'half')
  const words = ['seal', 'protect', '--passphrase-file', passphraseFile(passphrase)]
  const { exitCode, err } = await terminal.keywitness(words)
  expect(exitCode).toBe(2)
  expect(err).toContain(`${file}.new is there, of another command that is at it, or was cut short`)
  expect(err).toContain('delete that file; the seal itself is whole')
  expect(readFileSync(file)).toEqual(seal)
  rmSync(`${file}.new`)
  expect(await terminal.keywitness(words)).toMatchObject({ exitCode: 0 })
})

/** Replaces the seal in a process that is killed at its n-th call to the file system; answers whether it was. */
function killedAt(n: number, expected: Buffer, content: Buffer): boolean {
  const program = `
    import fs from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    const { replaceSeal } = await import(${JSON.stringify(new URL('../src/seal-file.ts', import.meta.url).href)})
    let calls = 0
    for (const name of ['openSync', 'readSync', 'writeSync', 'fsyncSync', 'renameSync', 'closeSync', 'fchmodSync', 'rmSync']) {
      const real = fs[name]
      fs[name] = (...words) => {
        if (++calls === ${n}) process.kill(process.pid, 'SIGKILL')
        return real(...words)
      }
    }
    syncBuiltinESMExports()
    replaceSeal(${JSON.stringify(file)}, Buffer.from('${expected.toString('hex')}', 'hex'), Buffer.from('${content.toString('hex')}', 'hex'))
  `
  const { signal, status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  })
  if (signal === 'SIGKILL') return true
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return false
}

test('a kill at any point leaves the old seal or the new one, whole', () => {
  putUnder(passphrase)
  const before = readFileSync(file)
  const after = Buffer.from(protectSeal(seal, other))
  const left = new Set<string>()
  let n = 1
  for (; killedAt(n, before, after); n++) {
    const now = readFileSync(file)
    const what = now.equals(before) ? 'old' : now.equals(after) ? 'new' : 'neither'
    left.add(what)
    writeFileSync(file, before)
    rmSync(`${file}.new`, { force: true })
  }
  expect(n).toBeGreaterThan(10)
  expect([...left]).toEqual(['old', 'new'])
  expect(readFileSync(file)).toEqual(after)
  expect(readdirSync(data)).toEqual(['seal.key'])
})
