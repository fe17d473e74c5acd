/** Makes the package of the EP11 client that programs elsewhere install: `node tools/pack-ep11-client.ts <folder>`. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = join(import.meta.dirname, '..')
const source = join(root, 'packages/ep11-client')

interface Manifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly dependencies: Readonly<Record<string, string>>
}

/** JavaScript with its types, for Node without type stripping; the folder is replaced. */
export function packEp11Client(folder: string): string {
  const out = resolve(folder)
  rmSync(join(out, 'dist'), { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  const options = [
    '--noEmit',
    'false',
    '--declaration',
    '--rewriteRelativeImportExtensions',
    '--rootDir',
    join(source, 'src'),
    '--outDir',
    join(out, 'dist'),
  ]
  const project = join(out, 'tsconfig.json')
  const files = [join(source, 'src/index.ts')]
  const compilerOptions = { typeRoots: [join(root, 'node_modules/@types')] }
  const made = { extends: join(root, 'tsconfig.json'), compilerOptions, files, include: [], exclude: [] }
  writeFileSync(project, JSON.stringify(made))
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project, ...options], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
  } finally {
    rmSync(project)
  }
  const { name, version, description, dependencies } = JSON.parse(
    readFileSync(join(source, 'package.json'), 'utf8'),
  ) as Manifest
  const exports = { '.': { types: './dist/index.d.ts', default: './dist/index.js' } }
  const manifest = { name, version, description, type: 'module', exports, dependencies, engines: { node: '>=20' } }
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
  copyFileSync(join(source, 'README.md'), join(out, 'README.md'))
  return out
}

if (process.argv[1] === import.meta.filename) {
  process.stdout.write(`npm install ${packEp11Client(process.argv[2] ?? 'keywitness-ep11-client')}\n`)
}
