/** Flood control of failed authentications: beyond a few per source and minute they are counted, not recorded. */
import { isIPv6 } from 'node:net'

/** Failed authentications of one source and minute that are events of their own (design 3). */
export const failuresPerSource = 20
export const floodWindowMs = 60_000
/** Sources told apart in one minute; the rest share one window. */
export const floodSourcesMax = 4_096
/** Failed authentications of all sources and one minute that are events of their own. */
export const failuresTotal = 1_000

/** Where failed authentications come from. */
export interface FloodSource {
  /** Address, or the /64 network of an IPv6 address; undefined for the shared window of too many sources. */
  readonly source: string | undefined
  /** Over the private network: told apart from the same address on the public one, and shown to nobody. */
  readonly isPrivate: boolean
}

/** How it came, and what it showed; absent: nothing, or not each time the same. */
export interface FloodMarks {
  readonly protocol?: 'HTTP' | 'KMIP' | 'EP11' | undefined
  /** SHA-256 of a client certificate, hexadecimal. */
  readonly fingerprint?: string | undefined
}

/** What one source did in a minute beyond what was recorded. */
export interface FloodCount extends FloodSource, FloodMarks {
  readonly count: number
}

interface Window extends FloodSource {
  readonly endsAt: number
  failures: number
  suppressed: number
  /** Of all that was counted; undefined as long as nothing was. */
  marks: FloodMarks | undefined
}

export class FloodControl {
  readonly #monotonic: () => number
  readonly #windows = new Map<string, Window>()
  #everyone: { readonly endsAt: number; failures: number }

  /** @param monotonic milliseconds that never run backwards */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
    this.#everyone = { endsAt: monotonic() + floodWindowMs, failures: 0 }
  }

  /** Counts a failed authentication. True when it is to be recorded as an event of its own. */
  failed(address: string, isPrivate: boolean, marks: FloodMarks = {}): boolean {
    const now = this.#monotonic()
    if (now >= this.#everyone.endsAt) this.#everyone = { endsAt: now + floodWindowMs, failures: 0 }
    const window = this.#windowOf({ source: sourceOf(address), isPrivate }, now)
    window.failures++
    if (window.failures <= failuresPerSource && this.#everyone.failures < failuresTotal) {
      this.#everyone.failures++
      return true
    }
    window.suppressed++
    window.marks = commonMarks(window.marks, marks)
    return false
  }

  /**
   * Minutes that have ended, with what was not recorded in them. Each is told once; `all` also ends those still
   * running, for a stop.
   */
  ended(all = false): FloodCount[] {
    const now = this.#monotonic()
    const counts: FloodCount[] = []
    for (const [key, window] of this.#windows) {
      if (!all && now < window.endsAt) continue
      this.#windows.delete(key)
      const { source, isPrivate, suppressed: count, marks } = window
      if (count > 0) counts.push({ source, isPrivate, ...marks, count })
    }
    return counts
  }

  /** Takes back a count that could not be recorded. */
  untold({ source, isPrivate, protocol, fingerprint, count }: FloodCount): void {
    const window = this.#windowOf({ source, isPrivate }, this.#monotonic())
    window.suppressed += count
    window.marks = commonMarks(window.marks, { protocol, fingerprint })
  }

  #windowOf(from: FloodSource, now: number): Window {
    const own = keyOf(from)
    const existing = this.#windows.get(own)
    // A minute that has ended but whose count was not told yet goes on: the count must not be lost.
    if (existing !== undefined && (now < existing.endsAt || existing.suppressed > 0)) return existing
    if (existing !== undefined) this.#windows.delete(own)
    const isShared = this.#windows.size >= floodSourcesMax
    const source: FloodSource = isShared ? { source: undefined, isPrivate: from.isPrivate } : from
    const key = keyOf(source)
    let window = this.#windows.get(key)
    if (window === undefined) {
      window = { ...source, endsAt: now + floodWindowMs, failures: 0, suppressed: 0, marks: undefined }
      this.#windows.set(key, window)
    }
    return window
  }
}

/** What both have. */
export function commonMarks(known: FloodMarks | undefined, more: FloodMarks): FloodMarks {
  if (known === undefined) return more
  return {
    protocol: known.protocol === more.protocol ? known.protocol : undefined,
    fingerprint: known.fingerprint === more.fingerprint ? known.fingerprint : undefined,
  }
}

function keyOf({ source, isPrivate }: FloodSource): string {
  return `${isPrivate ? 'private' : 'public'} ${source ?? '*'}`
}

/** Whoever has one IPv6 address has its whole /64. */
export function sourceOf(address: string): string {
  if (!isIPv6(address)) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped?.[1] !== undefined) return mapped[1]
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? []
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = [...left, ...Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0'), ...right]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::`
}
