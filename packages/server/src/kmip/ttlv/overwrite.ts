/** Erasing of what an item holds: its byte strings and big integers, which are where keys are. */
import type { Item } from './item.ts'

export function overwrite(item: Item): void {
  if (item.type === 'Structure') for (const field of item.value) overwrite(field)
  else if (item.type === 'ByteString' || item.type === 'BigInteger') item.value.fill(0)
}
