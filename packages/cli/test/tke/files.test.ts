/** `tke`: files of keys and parts: IBM's form read, ours made; no secret in any output, request, error or file. */
import { createCipheriv, generateKeyPairSync, sign } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { administratorSki } from '@keywitness/crypto-unit/tke/administrator-certificate'
import { element, sequence, tags } from '@keywitness/crypto-unit/tke/der'
import { pointOfKey } from '@keywitness/crypto-unit/tke/p521'
import { afterEach, expect, test } from 'vitest'
import { openKeyPart, readKeyPart } from '../../src/tke/key-part-files.ts'
import { createSignatureKey, ibmFileKey, openSignatureKey, readSignatureKey } from '../../src/tke/signature-keys.ts'
import { administered, type Ceremony, ceremony, password } from './ceremony.ts'

let at: Ceremony
afterEach(() => at.server.http.stop())

test('the key of a key file in IBM’s form is the one of the reference (V10)', async () => {
  at = await ceremony()
  const salt = Buffer.from(Array.from({ length: 32 }, (_, i) => i))
  const key = await ibmFileKey('correct horse', salt)
  expect(key.toString('hex')).toBe('3ebd536d1c7c96dbeb6fe0d81c95379296dfece4854c99f23e08a24aa061293c')
})

test.each(['p521ec', 'rsa2048'] as const)('a %s key in IBM’s form is read, and signs', async (keyType) => {
  at = await ceremony([1])
  const { privateKey } =
    keyType === 'p521ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-521' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  const der = privateKey.export({ format: 'der', type: keyType === 'p521ec' ? 'sec1' : 'pkcs1' })
  const pem = `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`
  const salt = Buffer.alloc(32, 7)
  const nonce = Buffer.alloc(12, 8)
  const cipher = createCipheriv('aes-256-gcm', await ibmFileKey(password, salt), nonce)
  const sealed = Buffer.concat([nonce, cipher.update(pem), cipher.final(), cipher.getAuthTag()])
  const ski = administratorSki(privateKey)
  const members = { seaSalt: salt.toString('hex'), enckey: sealed.toString('hex'), keyType, ski }
  writeFileSync(at.folder.fileOf('7.sigkey'), JSON.stringify(members))
  for (const words of ['cryptounit-admin-add --admin 7 --name Eve', 'cryptounit-admin-add --admin 1']) {
    expect(await at.yes(words)).toMatchObject({ exitCode: 0 })
  }
  const accepted = '--accept lost-key-locks-out'
  const set = await at.yes(`cryptounit-thrhld-set --signature 2 --revocation 2 --key 7 --key 1 ${accepted}`)
  expect(set).toMatchObject({ exitCode: 0 })
  expect(await at.tke('sigkeys')).toMatchObject({ out: expect.stringContaining(`${ski}\t${keyType}`) })
})

test('our files hold strings only, are for their owner alone, and open by their password alone', async () => {
  at = await ceremony()
  const key = await readSignatureKey(at.folder, 1)
  expect(Object.values(key.members).every((value) => typeof value === 'string')).toBe(true)
  expect(key.members).toMatchObject({ keyType: 'p521ec', kdf: 'scrypt', description: 'Ana' })
  expect(statSync(at.folder.fileOf('1.sigkey')).mode & 0o777).toBe(0o600)
  expect(administratorSki(await openSignatureKey(at.folder, key, password))).toBe(at.skis[0])
  await expect(openSignatureKey(at.folder, key, 'another')).rejects.toMatchObject({ code: 'BAD_INPUT' })
  const part = await readKeyPart(at.folder, 2)
  expect((await openKeyPart(at.folder, part, password)).equals(at.parts[1] ?? Buffer.alloc(0))).toBe(true)
  await expect(openKeyPart(at.folder, part, 'another')).rejects.toMatchObject({ code: 'BAD_INPUT' })
})

test('a new key is protected by a password guess of half a second and 128 MiB', async () => {
  at = await ceremony()
  const made = await createSignatureKey(at.folder, 'Dia', password, 'rsa2048')
  expect(made.members['kdfCost']).toBe('131072')
  expect(made.number).toBe(4)
  await openSignatureKey(at.folder, made, password)
})

test('what a file says in clear is bound to it: an exchanged name or pattern does not open', async () => {
  at = await ceremony()
  for (const [name, member, value] of [
    ['1.sigkey', 'description', 'Ben'],
    ['2.mkpart', 'description', 'another'],
    ['3.sigkey', 'ski', at.skis[0] ?? ''],
  ] as const) {
    const file = at.folder.fileOf(name)
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), [member]: value }))
  }
  const altered = await readSignatureKey(at.folder, 1)
  await expect(openSignatureKey(at.folder, altered, password)).rejects.toMatchObject({ code: 'BAD_INPUT' })
  const exchanged = await readSignatureKey(at.folder, 3)
  await expect(openSignatureKey(at.folder, exchanged, password)).rejects.toMatchObject({ code: 'BAD_INPUT' })
  const part = await readKeyPart(at.folder, 2)
  await expect(openKeyPart(at.folder, part, password)).rejects.toMatchObject({ code: 'BAD_INPUT' })
})

test.each([
  ['no JSON', '{'],
  ['no key', '{}'],
  [
    'a cost that would take the machine',
    '{"form":"keywitness-sigkey-1","ski":"SKI","kdf":"scrypt","kdfCost":"4194304"}',
  ],
  ['too large', `"${'x'.repeat(300_000)}"`],
])('a damaged key file is told: %s', async (_what, text) => {
  at = await ceremony()
  writeFileSync(at.folder.fileOf('1.sigkey'), text.replace('SKI', at.skis[0] ?? ''))
  const { exitCode, err } = await at.yes('cryptounit-admin-add --admin 1')
  expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringMatching(/1\.sigkey is (damaged|too large)/) })
})

test('CLOUDTKEFILES names the folder, and must be there', async () => {
  at = await ceremony()
  at.terminal.environment['CLOUDTKEFILES'] = join(at.terminal.folder, 'nowhere')
  expect(await at.tke('sigkeys')).toMatchObject({ exitCode: 2, err: expect.stringContaining('CLOUDTKEFILES') })
  at.terminal.environment['CLOUDTKEFILES'] = at.terminal.folder
  expect(await at.tke('sigkeys')).toEqual({ exitCode: 0, out: '', err: '' })
})

test('keys are made, chosen and deleted', async () => {
  at = await ceremony()
  at.terminal.onQuestion = (question) => (question.startsWith('Name') ? 'Dia' : password)
  const made = await at.tke('sigkey-add')
  expect(made).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^4 {2}Dia {2}[0-9a-f]{64}\n$/) })
  const answers = [password, 'another one']
  at.terminal.onQuestion = () => answers.shift() ?? ''
  expect(await at.tke('sigkey-add --name Eve')).toMatchObject({ exitCode: 2, err: expect.stringContaining('differ') })
  at.terminal.onQuestion = () => 'short'
  expect(await at.tke('sigkey-add --name Eve')).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('at least 8'),
  })
  at.terminal.onQuestion = undefined
  expect(await at.tke('sigkey-sel --key 4 --key 9')).toMatchObject({ exitCode: 2 })
  await at.tke('sigkey-sel --key 4')
  expect((await at.tke('sigkeys')).out.split('\n').map((line) => line.split('\t')[1])).toEqual([
    'no',
    'no',
    'no',
    'yes',
    undefined,
  ])
  expect(await at.tke('sigkey-rm --key 4')).toMatchObject({ exitCode: 2 })
  expect(await at.tke('sigkey-rm --key 4 --yes')).toMatchObject({ exitCode: 0 })
  expect((await at.tke('sigkeys')).out).not.toContain('Dia')
})

test('a key of a PEM file is taken as it is, and one that no unit takes is refused without a word of it', async () => {
  at = await ceremony()
  const pem = join(at.terminal.folder, 'administrator-1.key.pem')
  const words = `sigkey-add --name Dia --pem ${pem} --password-file ${join(at.terminal.folder, 'password')}`
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' })
  writeFileSync(pem, privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const ski = administratorSki(privateKey)
  expect(await at.tke(words)).toEqual({ exitCode: 0, out: `4  Dia  ${ski}\n`, err: '' })
  const { privateKey: other } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const text = other.export({ format: 'pem', type: 'pkcs8' }).toString()
  for (const content of [text, text.slice(0, 80)]) {
    writeFileSync(pem, content)
    const { exitCode, err } = await at.tke(words)
    expect(exitCode).toBe(2)
    expect(err).not.toContain(text.slice(30, 60))
  }
  expect((await at.tke('sigkeys')).out.split('\n')).toHaveLength(5)
})

test('the password of a new key is typed twice and no more, its certificate included', async () => {
  at = await ceremony()
  const questions: string[] = []
  at.terminal.onQuestion = (question) => {
    questions.push(question)
    return password
  }
  const file = join(at.terminal.folder, 'dia.certificate')
  expect(await at.tke(`sigkey-add --name Dia --certificate-out ${file}`)).toMatchObject({ exitCode: 0 })
  expect(questions).toEqual(['Password for the signature key of Dia: ', 'The same again: '])
  expect(readFileSync(file).length).toBeGreaterThan(500)
})

test('key parts are made of random bytes or of a value, and deleted', async () => {
  at = await ceremony()
  const file = join(at.terminal.folder, 'password')
  const values = join(at.terminal.folder, 'value')
  writeFileSync(values, `${'a5'.repeat(31)}00\n`)
  expect(await at.tke(`mk-add --random --description random --password-file ${file}`)).toMatchObject({ exitCode: 0 })
  const made = await at.tke(`mk-add --value-file ${values} --description given --password-file ${file}`)
  expect(made.exitCode).toBe(0)
  at.terminal.onQuestion = (question) => (question.startsWith('Value') ? 'ab'.repeat(32) : password)
  const weak = await at.tke('mk-add --value --description weak')
  expect(weak).toMatchObject({ exitCode: 2, err: expect.stringContaining('no secret') })
  at.terminal.onQuestion = undefined
  for (const words of ['mk-add', 'mk-add --random --value', 'mk-add --value', 'mk-add --random --description x']) {
    expect(await at.tke(words), words).toMatchObject({ exitCode: 2 })
  }
  expect((await at.tke('mks')).out.split('\n')).toHaveLength(6)
  expect(await at.tke('mk-rm --part 5 --yes')).toMatchObject({ exitCode: 0 })
  expect((await at.tke('mks --output json')).out).not.toContain('given')
})

test('a wrong password ends the command before anything is sent', async () => {
  at = await administered([1])
  const wrong = join(at.terminal.folder, 'wrong')
  writeFileSync(wrong, 'not the password')
  const before = at.server.unit(1).carried.length
  const load = `cryptounit-mk-load --part 1 --part 2 --yes --password-file ${join(at.terminal.folder, 'password')}`
  const { exitCode, err } = await at.tke(`${load} --password-file 1.sigkey=${wrong}`)
  expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining('1.sigkey does not open') })
  expect(err).not.toContain('not the password')
  expect(at.server.unit(1).carried.length).toBe(before)
  const part = await at.tke(`${load} --password-file 2.mkpart=${wrong}`)
  expect(part).toMatchObject({ exitCode: 2, err: expect.stringContaining('2.mkpart does not open') })
  expect(at.server.unit(1).next).toBeUndefined()
})

test('no password, private key or key part is in any output, request or log', async () => {
  at = await ceremony([1])
  const key = await openSignatureKey(at.folder, await readSignatureKey(at.folder, 1), password)
  const scalar = Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url')
  const secrets = [Buffer.from(password), scalar.subarray(8, 40), ...at.parts]
  const outputs = []
  for (const words of [
    'cryptounit-admin-add --admin 1',
    'cryptounit-admin-add --admin 2',
    'cryptounit-admin-add --admin 3',
    'cryptounit-thrhld-set --signature 2 --revocation 2',
    'cryptounit-mk-load --part 1 --part 2 --part 3',
    'cryptounit-mk-load --part 1 --part 2 --json',
    'cryptounit-mk-commit --key 9',
    'cryptounit-mk-commit',
  ]) {
    outputs.push(await at.yes(words))
  }
  for (const words of ['cryptounit-compare --output json', 'sigkeys --json', 'mks --json'])
    outputs.push(await at.tke(words))
  const texts = [
    ...outputs.map(({ out, err }) => out + err),
    ...at.server.http.seen.map(({ path, body, headers }) => path + body + JSON.stringify(headers)),
    ...readdirSync(at.folder.path).map((name) => readFileSync(at.folder.fileOf(name), 'utf8')),
  ]
  expect(texts.length).toBeGreaterThan(50)
  for (const secret of secrets) {
    for (const form of [secret.toString('latin1'), secret.toString('hex'), secret.toString('base64').slice(0, 40)]) {
      const found = texts.filter((text) => text.toLowerCase().includes(form.toLowerCase()))
      expect(found).toEqual([])
    }
  }
})

test('a key in a signing service signs without ever being here', async () => {
  at = await ceremony([1])
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' })
  const point = pointOfKey(privateKey)
  const number = (bytes: Uint8Array): Buffer => element(tags.INTEGER, Buffer.from([0]), bytes)
  const service = createServer((request, response) => {
    let body = ''
    request.on('data', (piece: Buffer) => (body += piece.toString()))
    request.on('end', () => {
      if (request.headers.authorization !== 'key token') return response.writeHead(401).end()
      if (request.url === '/keys/dia') {
        const publickey = sequence(number(point.subarray(1, 67)), number(point.subarray(67))).toString('base64')
        return response.end(JSON.stringify({ publickey }))
      }
      const { input = '' } = JSON.parse(body) as { input?: string }
      const signature = sign('sha512', Buffer.from(input, 'base64'), privateKey).toString('base64')
      return response.end(JSON.stringify({ signature }))
    })
  })
  await new Promise<void>((resolve) => {
    service.listen(0, '127.0.0.1', resolve)
  })
  const { port } = service.address() as AddressInfo
  at.terminal.environment['TKE_SIGNSERV_URL'] = `http://127.0.0.1:${port}`
  await at.folder.replaceJson('SIGNSERVKEYS', [
    { key: 'dia', token: 'key token' },
    { key: 'other', token: 'wrong' },
  ])
  expect((await at.tke('sigkeys')).out).toContain('dia\tno\t')
  await at.yes('cryptounit-admin-add --admin 1')
  expect(await at.yes('cryptounit-admin-add --admin dia --name Dia')).toMatchObject({ exitCode: 0 })
  const words = 'cryptounit-thrhld-set --signature 2 --revocation 2 --accept lost-key-locks-out --key 1 --key dia'
  expect(await at.yes(words)).toMatchObject({ exitCode: 0 })
  expect(at.server.unit(1).administrators.has(administratorSki(privateKey))).toBe(true)
  expect(await at.yes('cryptounit-admin-add --admin other')).toMatchObject({ exitCode: 3 })
  at.terminal.environment['TKE_SIGNSERV_URL'] = 'http://keys.example.com'
  expect(await at.tke('sigkeys')).toMatchObject({ exitCode: 2, err: expect.stringContaining('https') })
  await new Promise((resolve) => {
    service.closeAllConnections()
    service.close(resolve)
  })
})
