/** Which files below a folder hold what must not be there: a secret, or a piece of a sealed key. */
import { type Dirent, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Files below `folder` whose content `holds`, by name. A running server replaces some of them (checkpoints, the
 * signed head): where one is gone by the time it is read, its content may stand under another name that was read
 * before, so all are read again, until one reading saw everything that it listed.
 *
 * @throws Error after a hundred readings of which none was whole
 */
export function filesHolding(
  folder: string,
  holds: (content: Buffer) => boolean,
  isLookedAt: (entry: Dirent) => boolean = () => true,
): string[] {
  for (let reading = 0; reading < 100; reading += 1) {
    const holding = holdingNow(folder, holds, isLookedAt)
    if (holding !== undefined) return holding
  }
  throw new Error(`Files came and went in ${folder} during each of a hundred readings`)
}

/** `undefined` when a file was gone before it was read. */
function holdingNow(
  folder: string,
  holds: (content: Buffer) => boolean,
  isLookedAt: (entry: Dirent) => boolean,
): string[] | undefined {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && isLookedAt(entry),
  )
  try {
    return files.filter(({ parentPath, name }) => holds(readFileSync(join(parentPath, name)))).map(({ name }) => name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
