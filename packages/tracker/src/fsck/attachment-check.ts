/** Compares the attachments that entries name with those that are stored. */
import { attachedLists } from '@keywitness/cadf'
import { sha256Of } from '../hash.ts'
import { attachmentsSince, headFile } from '../head/schema.ts'
import type { Database } from '../store/disk.ts'
import { schemaVersion } from '../store/migrate.ts'
import type { Findings } from './findings.ts'

export class AttachmentCheck {
  /** Named by entries: length and the first index that names it, by hash. */
  readonly #named = new Map<string, { bytes: number; index: number }>()

  /** Adds the next entry, as parsed. */
  add(index: number, entry: unknown): void {
    for (const { sha256, bytes } of attachedLists((entry as { event?: unknown } | undefined)?.event)) {
      if (!this.#named.has(sha256)) this.#named.set(sha256, { bytes, index })
    }
  }

  /** Compares with the store; `isWhole` when every entry could be read. */
  report(head: Database, findings: Findings, isWhole: boolean): void {
    const missing = new Map(this.#named)
    for (const { sha256, content } of storedAttachments(head)) {
      const name = Buffer.from(sha256).toString('hex')
      const named = this.#named.get(name)
      missing.delete(name)
      if (Buffer.from(sha256Of(content)).toString('hex') !== name) {
        const whose = named === undefined ? '' : `, which entry ${named.index} names,`
        findings.add({
          kind: 'changed-attachment',
          message: `the content of attachment ${name}${whose} was changed`,
          ...(named === undefined ? {} : { index: named.index }),
          file: headFile,
        })
      } else if (named === undefined && isWhole) {
        findings.add({ kind: 'extra-attachment', message: `no entry names attachment ${name}`, file: headFile })
      }
    }
    for (const [name, { index }] of missing) {
      const message = `attachment ${name} of entry ${index} is missing`
      findings.add({ kind: 'missing-attachment', message, index, file: headFile })
    }
  }
}

function storedAttachments(head: Database): Iterable<{ sha256: Uint8Array; content: Uint8Array }> {
  // A log of a version that had none, which no writer has opened since.
  if (schemaVersion(head) < attachmentsSince) return []
  return head.prepare<{ sha256: Uint8Array; content: Uint8Array }>('SELECT sha256, content FROM attachments').iterate()
}
