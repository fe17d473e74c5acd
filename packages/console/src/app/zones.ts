/** Zones that times can be shown in: UTC, the browser's, and any other by its IANA name. */

/** Names of regions have a slash: `Europe/Berlin`. */
export type Zone = 'utc' | 'local' | `${string}/${string}`

export function browserZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** The IANA name, as the API takes it. */
export function ianaOf(zone: Zone): string {
  return zone === 'utc' ? 'UTC' : zone === 'local' ? browserZone() : zone
}

/** The zone of an IANA name, however its letters are written; undefined for what is none. */
export function zoneOf(name: string | null | undefined): Zone | undefined {
  const text = (name ?? '').trim().replaceAll(' ', '_')
  // Offsets are no zones: they know no summer.
  if (!/^[a-z]/i.test(text)) return undefined
  const known = canonical(text)
  if (known === undefined) return undefined
  if (known === 'UTC') return 'utc'
  if (known === canonical(browserZone())) return 'local'
  return isRegion(known) ? known : undefined
}

/** As the browser writes it; undefined when it does not know it. */
function canonical(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

function isRegion(name: string): name is `${string}/${string}` {
  return name.includes('/')
}
