/**
 * Puts the server into few files: `node tools/build-server.ts [--with-faults]`. A start then reads a dozen files where the sources and the
 * packages of others are two thousand, in each of six threads: it takes half the time and a quarter less memory. Readable,
 * with maps to the sources: NODE_OPTIONS=--enable-source-maps shows their lines in stack traces.
 */
import { renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build, type Plugin } from 'vite'

const packages = join(import.meta.dirname, '../packages')
const server = join(packages, 'server/src')
const threads = {
  'watchdog-thread': join(server, 'record/watchdog-thread.ts'),
  'sync-thread': join(server, 'store/sync-thread.ts'),
  'forwarder-thread': join(server, 'trail/forwarding/forwarder-thread.ts'),
  'index-thread': join(server, 'trail/forwarding/index-thread.ts'),
  'search-thread': join(server, 'trail/search/search-thread.ts'),
  'verify-thread': join(server, 'trail/proof/verify-thread.ts'),
  'continuity-thread': join(server, 'trail/continuity/continuity-thread.ts'),
  'alert-thread': join(server, 'alerts/engine/alert-thread.ts'),
  'seal-thread': join(packages, 'tracker/src/seal-worker.ts'),
}

/** What knows where files lie is another in a build. */
const builtFiles: Plugin = {
  name: 'program-files',
  enforce: 'pre',
  resolveId: (name) => (basename(name) === 'program-files.ts' ? join(server, 'program-files-built.ts') : undefined),
}

async function buildProgram(folder: string, entries: Readonly<Record<string, string>>): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'error',
    root: packages,
    plugins: [builtFiles],
    // Theirs are plug-ins with files of their own.
    ssr: { noExternal: true, external: ['@fastify/static', '@fastify/swagger-ui'], target: 'node' },
    build: {
      ssr: true,
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      sourcemap: true,
      target: 'node24',
      rolldownOptions: {
        input: entries,
        // What looks unused may be there to throw: `decodeURIComponent(text)` is taken away otherwise.
        treeshake: false,
        output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs', minify: false },
      },
    },
  })
}

/** @param folder gets the program as `main.mjs`; what was in it is gone */
async function buildServer(main: string, folder: string): Promise<void> {
  // A build that is cut short is none.
  const unfinished = `${folder}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  await buildProgram(unfinished, { main, ...threads })
  // By itself: its process may read this one file.
  await buildProgram(unfinished, { 'crypto-unit': join(packages, 'crypto-unit/src/main.ts') })
  rmSync(folder, { recursive: true, force: true })
  renameSync(unfinished, folder)
}

// The one with fault switches is for tests, and apart from the one that is meant to be used.
if (process.argv.includes('--with-faults')) {
  await buildServer(join(packages, 'testkit/src/faulty-main.ts'), join(packages, 'testkit/dist'))
} else {
  await buildServer(join(server, 'main.ts'), join(packages, 'server/dist'))
}
