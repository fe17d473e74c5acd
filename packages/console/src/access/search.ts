/** What the access page shows, as it stands in the address: which list, the open identity, or the audit of which location. */

export const accessViews = ['people', 'services', 'audit'] as const
export type AccessView = (typeof accessViews)[number]

export interface AccessSearch {
  readonly view?: AccessView | undefined
  /** Id of the open user or service ID. */
  readonly id?: string | undefined
  /** Whose audit is looked at. */
  readonly location?: string | undefined
}

/** Reads an address. What is malformed is left out, never guessed. */
export function parseAccessSearch(raw: Readonly<Record<string, unknown>>): AccessSearch {
  const text = (name: string, pattern: RegExp): string | undefined => {
    const value = raw[name]
    return typeof value === 'string' && pattern.test(value) ? value : undefined
  }
  const view = accessViews.find((name) => name === raw['view'])
  const id = text('id', /^[A-Za-z0-9-]{1,128}$/)
  const location = text('location', /^[a-z0-9-]{1,64}$/)
  return {
    ...(view !== undefined && { view }),
    ...(id !== undefined && { id }),
    ...(location !== undefined && { location }),
  }
}
