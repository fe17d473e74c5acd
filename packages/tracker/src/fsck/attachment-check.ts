/** Compares the attachments that entries name with those that are stored. */
import { attachedLists } from '@keywitness/cadf'
import { sha256Of } from '../hash.ts'
import { attachmentsSince, headFile } from '../head/schema.ts'
import type { Database } from '../store/disk.ts'
import { schemaVersion } from '../store/migrate.ts'
import type { Findings } from './findings.ts'

/** Contents of up to 4 MiB hashed before other work gets its turn. */
const contentsStep = 16

export class AttachmentCheck {
  /** Named by entries: length and the first index that names it, by hash. */
  readonly #named = new Map<string, { bytes: number; index: number; newest: number }>()
  /** Hashes that the store has. */
  readonly #stored: Uint8Array[] = []

  /** Adds the next entry, as parsed. */
  add(index: number, entry: unknown): void {
    for (const { sha256, bytes } of attachedLists((entry as { event?: unknown } | undefined)?.event)) {
      const named = this.#named.get(sha256)
      if (named === undefined) this.#named.set(sha256, { bytes, index, newest: index })
      else named.newest = index
    }
  }

  /** Compares which attachments there are; `isWhole` when every entry could be read. */
  report(head: Database, findings: Findings, isWhole: boolean): void {
    const missing = new Map(this.#named)
    for (const { sha256, newest } of storedHashes(head)) {
      const name = Buffer.from(sha256).toString('hex')
      missing.delete(name)
      this.#stored.push(sha256)
      const named = this.#named.get(name)
      if (!isWhole) continue
      if (named === undefined) {
        findings.add({ kind: 'extra-attachment', message: `no entry names attachment ${name}`, file: headFile })
      } else if (named.newest !== newest) {
        const message = `entry ${named.newest} is the newest that names attachment ${name}, the store says ${newest}`
        findings.add({ kind: 'changed-attachment', message, index: named.newest, file: headFile })
      }
    }
    for (const [name, { index }] of missing) {
      const message = `attachment ${name} of entry ${index} is missing`
      findings.add({ kind: 'missing-attachment', message, index, file: headFile })
    }
  }

  /** Compares the contents of the attachments that `report` met with their names, one at a time. */
  async checkContents(head: Database, findings: Findings, pause: () => Promise<void>): Promise<void> {
    if (this.#stored.length === 0) return
    const row = head.prepare<{ content: Uint8Array }>('SELECT content FROM attachments WHERE sha256=?')
    for (const [place, sha256] of this.#stored.entries()) {
      const content = findings.surviving(headFile, () => row.get(sha256))?.content
      const name = Buffer.from(sha256).toString('hex')
      // One that is gone was dropped with its entries meanwhile, or is on a page that was reported.
      if (content !== undefined && Buffer.from(sha256Of(content)).toString('hex') !== name) {
        const named = this.#named.get(name)
        const whose = named === undefined ? '' : `, which entry ${named.index} names,`
        const message = `the content of attachment ${name}${whose} was changed`
        const index = named === undefined ? {} : { index: named.index }
        findings.add({ kind: 'changed-attachment', message, ...index, file: headFile })
      }
      if (place % contentsStep === contentsStep - 1) await pause()
    }
  }
}

function storedHashes(head: Database): Iterable<{ sha256: Uint8Array; newest: number }> {
  // A log of a version that had none, which no writer has opened since.
  if (schemaVersion(head) < attachmentsSince) return []
  return head.prepare<{ sha256: Uint8Array; newest: number }>('SELECT sha256, newest FROM attachments').iterate()
}
