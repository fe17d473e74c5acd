/** Files of this user that are put in place whole and durable: a crash leaves the old one, or a stray temporary one. */
import { randomUUID } from 'node:crypto'
import { link, open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Puts a file in place, only if there is none yet. False when there is one.
 *
 * @param mode its permissions; by default nobody else may read it
 */
export async function putNew(file: string, text: string, mode = 0o600): Promise<boolean> {
  const temporary = await writeTemporary(file, text, mode)
  try {
    await link(temporary, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await unlink(temporary)
  }
  await syncFolder(dirname(file))
  return true
}

/** Puts a file in place of the one that may be there. */
export async function putInPlace(file: string, text: string): Promise<void> {
  const temporary = await writeTemporary(file, text)
  await rename(temporary, file)
  await syncFolder(dirname(file))
}

async function writeTemporary(file: string, text: string, mode = 0o600): Promise<string> {
  const temporary = `${file}.${randomUUID()}.tmp`
  const handle = await open(temporary, 'wx', mode)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  return temporary
}

/** Makes the folder's new name durable; where folders cannot be opened, the system does it by itself. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
