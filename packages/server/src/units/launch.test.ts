/** What the crypto unit's process may read: the source it is made of, and nothing else. */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { restrictions } from './launch.ts'

const { resolve } = createRequire(import.meta.url)
const unit = dirname(resolve('@keywitness/crypto-unit/main'))

/** The exit code of a process under the unit's restrictions: 0 for a program that came to its end, 7 for one denied a file. */
function endOf(program: string): number | null {
  const words = [
    '--input-type=module',
    '--eval',
    `${program}.catch((e) => process.exit(e.code === 'ERR_ACCESS_DENIED' ? 7 : 1))`,
  ]
  return spawnSync(process.execPath, [...restrictions(), ...words], { env: {}, cwd: '/' }).status
}

test('the modules of others that the unit imports may be read', () => {
  const module = pathToFileURL(join(unit, 'ep11', 'digests', 'digest-mechanisms.ts')).href
  expect(endOf(`import('${module}')`)).toBe(0)
})

test.each([
  ['another package', resolve('fastify')],
  ['the server', import.meta.filename],
  ['the folder in which packages lie', join(unit, '..', '..', '..', 'node_modules', '.package-lock.json')],
  ['Node itself', process.execPath],
])('%s may not', (_, path) => {
  expect(endOf(`(await import('node:fs/promises')).readFile('${path}')`)).toBe(7)
})
