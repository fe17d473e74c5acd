/** Whether the places a tracker writes to can be written, asked before anything is opened. */
import { accessSync, constants, existsSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { TrackerError } from './errors.ts'
import { headFile, segmentsFolder } from './head/schema.ts'

/**
 * SQLite opens what it may not write for reading only and fails at the first commit; here it is said at once.
 *
 * @throws TrackerError READ_ONLY
 */
export function refuseReadOnly(folder: string, keyFolder: string): void {
  for (const path of [folder, join(folder, headFile), join(folder, segmentsFolder), keyFolder]) {
    if (!existsSync(path)) continue
    try {
      accessSync(path, constants.W_OK)
    } catch (error) {
      throw new TrackerError('READ_ONLY', `${path} may not be written`, { file: path, cause: error })
    }
  }
}

/**
 * The signed head and the key guard against changes of the store: who can change one must not get the other with it.
 *
 * @throws TrackerError BAD_INPUT
 */
export function refuseKeyInside(folder: string, keyFolder: string): void {
  const path = relative(resolve(folder), resolve(keyFolder))
  if (path === '' || (!path.startsWith('..') && !isAbsolute(path))) {
    throw new TrackerError('BAD_INPUT', `the key folder ${keyFolder} lies inside the store ${folder}`)
  }
}
