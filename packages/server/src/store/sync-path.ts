/** Makes durable what lies at a path: a file's bytes, or a folder's entries after one was created, renamed or moved. */
import { closeSync, fsyncSync, openSync } from 'node:fs'

export function syncPath(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
