/** Ids of rules, channels and calendars: their form, and one that follows from a name, for those who write none. */

export const idForm = /^[a-z0-9][a-z0-9-]{0,63}$/

/** Small letters, digits and dashes of a name, at most 64; empty when there are none. */
export function idFor(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, 64)
    .replace(/-$/, '')
}
