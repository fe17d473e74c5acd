/** What the integrity page shows, as it stands in the address: the view, and what is open in it. */

export const integrityViews = ['health', 'checkpoints', 'verifications', 'continuity', 'keeping', 'keys'] as const
export const continuityPeriods = ['24h', '7d', '30d', 'all'] as const

export type IntegrityViewName = (typeof integrityViews)[number]
export type ContinuityPeriod = (typeof continuityPeriods)[number]

export interface IntegritySearch {
  /** `health` when not given. */
  readonly view?: IntegrityViewName
  /** Size of the open checkpoint. */
  readonly checkpoint?: number
  /** Size of the one that it is proved against. */
  readonly with?: number
  /** Id of the open verification. */
  readonly verification?: string
  /** Id of the open hold. */
  readonly hold?: string
  /** `all` when not given. */
  readonly period?: ContinuityPeriod
}

/** What of it makes sense at another location. */
export const integrityKept: readonly (keyof IntegritySearch)[] = ['view', 'period']

const idForm = /^[A-Za-z0-9-]{1,64}$/

/** Reads an address. What is malformed is left out, never guessed. */
export function parseIntegritySearch(raw: Readonly<Record<string, unknown>>): IntegritySearch {
  const size = (name: string): number | undefined => {
    const value = raw[name]
    const text = typeof value === 'number' ? String(value) : value
    return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : undefined
  }
  const id = (name: string): string | undefined => {
    const value = raw[name]
    return typeof value === 'string' && idForm.test(value) ? value : undefined
  }
  const view = integrityViews.find((name) => name === raw['view'] && name !== 'health')
  const period = continuityPeriods.find((name) => name === raw['period'] && name !== 'all')
  const checkpoint = size('checkpoint')
  const other = size('with')
  const verification = id('verification')
  const hold = id('hold')
  return {
    ...(view !== undefined && { view }),
    ...(checkpoint !== undefined && { checkpoint }),
    ...(checkpoint !== undefined && other !== undefined && { with: other }),
    ...(verification !== undefined && { verification }),
    ...(hold !== undefined && { hold }),
    ...(period !== undefined && { period }),
  }
}
