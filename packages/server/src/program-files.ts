/**
 * Where the files of the program lie that are not imported: threads, the crypto unit, the schema, the console. Run from its
 * sources they lie where they are written; a build of it has `program-files-built.ts` in the place of this file.
 */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { ProgramFiles } from './program-files-type.ts'

const source = (path: string): URL => new URL(path, import.meta.url)
const unit = createRequire(import.meta.url).resolve('@keywitness/crypto-unit/main')
/** Of the packages of others that the unit is made of, each by a module that lies in its folder. */
const packagesOfOthers = ['@noble/hashes/sha2.js'].map((name) => dirname(createRequire(unit).resolve(name)))

export const programFiles: ProgramFiles = {
  schema: join(import.meta.dirname, 'store/schema'),
  console: join(import.meta.dirname, '../../console/dist'),
  unit: {
    main: unit,
    readable: [
      `${dirname(unit)}/`,
      join(dirname(unit), '../package.json'),
      ...packagesOfOthers.map((path) => `${path}/`),
    ],
  },
  threads: {
    watchdog: source('record/watchdog-thread.ts'),
    sync: source('store/sync-thread.ts'),
    forwarder: source('trail/forwarding/forwarder-thread.ts'),
    index: source('trail/forwarding/index-thread.ts'),
    search: source('trail/search/search-thread.ts'),
    verify: source('trail/proof/verify-thread.ts'),
    continuity: source('trail/continuity/continuity-thread.ts'),
    alert: source('alerts/engine/alert-thread.ts'),
    seal: new URL(import.meta.resolve('@keywitness/tracker/seal-worker')),
  },
}
