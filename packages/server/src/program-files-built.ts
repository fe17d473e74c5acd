/** `program-files.ts` for a build, whose files all lie in one folder of a package. */
import { join } from 'node:path'
import { type ProgramFiles, threadNames } from './program-files-type.ts'

const folder = import.meta.dirname
const unit = join(folder, 'crypto-unit.mjs')

export const programFiles: ProgramFiles = {
  schema: join(folder, '../../server/src/store/schema'),
  console: join(folder, '../../console/dist'),
  unit: { main: unit, readable: [unit] },
  threads: Object.fromEntries(
    threadNames.map((name) => [name, new URL(`./${name}-thread.mjs`, import.meta.url)]),
  ) as ProgramFiles['threads'],
}
