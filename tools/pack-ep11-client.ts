/** Makes the package of the EP11 client that programs elsewhere install, one file: `node tools/pack-ep11-client.ts <folder>`. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = join(import.meta.dirname, '..')
const source = join(root, 'packages/ep11-client')

interface Manifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly dependencies: Readonly<Record<string, string>>
}

/**
 * A file as `npm pack` makes it: what npm installs from a folder would be a link, without what the package depends on.
 *
 * @param folder where it goes
 * @returns the file
 */
export function packEp11Client(folder: string): string {
  const into = resolve(folder)
  mkdirSync(into, { recursive: true })
  const out = mkdtempSync(join(tmpdir(), 'keywitness-pack-'))
  try {
    compile(out)
    const words = ['pack', out, '--pack-destination', into, '--json', '--loglevel=error']
    const [made] = JSON.parse(execFileSync('npm', words, { cwd: root, encoding: 'utf8' })) as { filename: string }[]
    if (made === undefined) throw new Error('npm made no package')
    return join(into, made.filename)
  } finally {
    rmSync(out, { recursive: true })
  }
}

/** JavaScript with its types, for Node without type stripping. */
function compile(out: string): void {
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
  const rest = { type: 'module', exports, files: ['dist'], dependencies, engines: { node: '>=20' } }
  const manifest = { name, version, description, ...rest }
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
  copyFileSync(join(source, 'README.md'), join(out, 'README.md'))
}

if (process.argv[1] === import.meta.filename) {
  process.stdout.write(`npm install ${packEp11Client(process.argv[2] ?? '.')}\n`)
}
