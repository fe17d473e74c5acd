/** The package of the EP11 client as others install it: JavaScript that runs, and types that tell right from wrong. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packEp11Client } from './pack-ep11-client.ts'

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'keywitness-packed-'))
const installed = join(folder, 'node_modules/@keywitness/ep11-client')
beforeAll(() => {
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '@keywitness'), { recursive: true })
  // As npm does: what is in the file lies below `package`.
  execFileSync('tar', ['-xzf', packEp11Client(folder), '-C', folder])
  renameSync(join(folder, 'package'), installed)
  for (const scope of ['@grpc', '@bufbuild', '@types', 'undici-types']) {
    symlinkSync(join(root, 'node_modules', scope), join(modules, scope))
  }
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the compiler says of a program, line by line. */
function judged(...lines: string[]): string[] {
  const file = join(folder, 'program.mts')
  writeFileSync(file, `import { connectEp11, type Template } from '@keywitness/ep11-client'\n${lines.join('\n')}\n`)
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node']
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [tsc, ...options, '--pretty', 'false', file], {
    cwd: folder,
    encoding: 'utf8',
  })
  return stdout.split('\n').filter((line) => line.includes('error'))
}

const connect = "const ep11 = connectEp11({ address: 'localhost:1', token: 'a' })"

test('a program with types uses what the package gives it', () => {
  expect(
    judged(
      connect,
      "const { key } = await ep11.generateKey('CKM_AES_KEY_GEN', { CKA_VALUE_LEN: 32, CKA_KEY_TYPE: 'CKK_AES' })",
      "const sealed: Buffer = await ep11.encrypt({ mechanism: 'CKM_AES_CBC', iv: key }, key, [key])",
      "const { CKA_EXTRACTABLE: may, CKA_LABEL: label } = await ep11.getAttributes(sealed, ['CKA_EXTRACTABLE', 'CKA_LABEL'])",
      'const told: [boolean, string] = [may, label]',
      'await ep11.sign({ mechanism: 0x80010099, parameter: key }, key, key).then(() => told)',
    ),
  ).toEqual([])
})

test('what a service would refuse is an error of types: each of these lines, and no other', () => {
  const wrong = [
    "await ep11.digest('CKM_AES_CBC', Buffer.alloc(1))",
    "await ep11.digest('CKM_SHA257', Buffer.alloc(1))",
    "await ep11.digest({ mechanism: 'CKM_AES_CBC', iv: 'text' }, Buffer.alloc(1))",
    'export const name: Template = { CKA_ENCRIPT: true }',
    'export const kind: Template = { CKA_ENCRYPT: 1 }',
    "export const keyType: Template = { CKA_KEY_TYPE: 'AES' }",
    "connectEp11({ address: 'localhost:1' })",
    "connectEp11({ address: 'localhost:1', apiKey: 'a' })",
    "export const { CKA_LABEL: label } = await ep11.getAttributes(Buffer.alloc(1), ['CKA_ID'])",
  ]
  const lines = judged(connect, ...wrong).map((error) => Number(/\((\d+),/.exec(error)?.[1]))
  // Behind the import and the connection.
  expect(lines).toEqual(wrong.map((_, index) => index + 3))
})

test('the package names what it needs, and needs nothing of the server', () => {
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Record<string, unknown>
  expect(Object.keys(manifest['dependencies'] as object)).toEqual(['@bufbuild/protobuf', '@grpc/grpc-js'])
  expect(manifest).not.toHaveProperty('private')
  expect(readdirSync(installed).toSorted()).toEqual(['README.md', 'dist', 'package.json'])
  const code = "import('@keywitness/ep11-client').then((package_) => console.log(Object.keys(package_).join()))"
  const names = execFileSync(process.execPath, ['-e', code], { cwd: folder, encoding: 'utf8' })
  expect(names.trim().split(',')).toEqual(
    expect.arrayContaining(['Ep11Error', 'connectEp11', 'publicKeyInfo', 'signatureDer']),
  )
})
