/** What can be seen of a running product from outside: its metrics, and the memory it takes. */
import { readFileSync } from 'node:fs'
import type { Product } from './product.ts'

/** A metric's value now, by its name without `keywitness_`, with its labels; 0 while nothing was counted. */
export async function metricOf({ privateUrl }: Pick<Product, 'privateUrl'>, name: string): Promise<number> {
  // The metrics page is no event itself.
  const page = await (await fetch(`${privateUrl}/metrics`)).text()
  const line = page.split('\n').find((one) => one.startsWith(`keywitness_${name} `))
  return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ') + 1))
}

/** Resident memory of a process, MB. */
export function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}
