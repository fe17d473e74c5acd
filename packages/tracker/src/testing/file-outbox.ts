/** An outbox that outlives its process: beside the store, one file. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Delivery } from '../api.ts'
import type { Outbox } from './rotation-life.ts'

export function fileOutbox(folder: string): Outbox {
  const file = `${folder}.outbox`
  return {
    read: () => {
      let text: string
      try {
        text = readFileSync(file, 'utf8')
      } catch {
        return undefined
      }
      const { bytes, ...delivery } = JSON.parse(text) as Omit<Delivery, 'bytes'> & { bytes: string }
      return { ...delivery, bytes: Buffer.from(bytes, 'base64') }
    },
    write: ({ bytes, ...delivery }) =>
      writeFileSync(file, JSON.stringify({ ...delivery, bytes: Buffer.from(bytes).toString('base64') })),
  }
}
