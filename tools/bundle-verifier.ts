/** Puts the standalone verifier into one file that needs Node.js and nothing else: `node tools/bundle-verifier.ts <folder>`. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'vite'

const root = join(import.meta.dirname, '..')

/** Writes `keywitness-verify.mjs`; readable, not minified: whoever uses it may read what it does. */
export async function bundleVerifier(folder: string): Promise<string> {
  const name = 'keywitness-verify.mjs'
  await build({
    configFile: false,
    logLevel: 'error',
    root,
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: join(root, 'packages/verifier/src/main.ts'),
      outDir: resolve(folder),
      emptyOutDir: false,
      minify: false,
      target: 'node24',
      // Nothing is left out: what looks unused may be there to throw.
      rolldownOptions: { treeshake: false, output: { entryFileNames: name, minify: false } },
    },
  })
  return join(resolve(folder), name)
}

if (process.argv[1] === import.meta.filename) {
  const file = await bundleVerifier(process.argv[2] ?? '.')
  process.stdout.write(`${file}: ${readFileSync(file).length} bytes\n`)
}
