/** Which KMIP adapters use a root key: a key in use cannot be deleted. */
import type { Condition, Reader } from '../../store/store.ts'

export interface AdapterUse {
  /** How many adapters of the instance wrap their objects with this key. */
  using(instance: string, key: string): number
  /** Still holds at commit when no adapter came to use the key meanwhile. */
  unused(instance: string, key: string): Condition
}

const using = 'SELECT count(*) AS adapters FROM kmip_adapters WHERE instance = ? AND crk = ?'

const unused = 'SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM kmip_adapters WHERE instance = ? AND crk = ?)'

export function readAdapterUse(reader: Reader): AdapterUse {
  return {
    using: (instance, key) => reader.get<{ adapters: number }>(using, instance, key)?.adapters ?? 0,
    unused: (instance, key) => ({ sql: unused, params: [instance, key] }),
  }
}
