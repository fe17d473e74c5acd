/** Decoded blocks of entries, the most recently used ones up to a number of bytes. */
import type { Block } from '../head/entry-rows.ts'

export class BlockCache {
  readonly #bytesMax: number
  readonly #blocks = new Map<string, { readonly block: Block; readonly bytes: number }>()
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** The block of this name, loaded unless it is here. Blocks of one name never change. */
  get(name: string, load: () => Block): Block {
    const held = this.#blocks.get(name)
    if (held !== undefined) {
      this.#blocks.delete(name)
      this.#blocks.set(name, held)
      return held.block
    }
    const block = load()
    const bytes = block.entries.reduce((sum, entry) => sum + entry.length, 0)
    this.#blocks.set(name, { block, bytes })
    this.#bytes += bytes
    for (const [oldest, { bytes: freed }] of this.#blocks) {
      if (this.#bytes <= this.#bytesMax || oldest === name) break
      this.#blocks.delete(oldest)
      this.#bytes -= freed
    }
    return block
  }
}
