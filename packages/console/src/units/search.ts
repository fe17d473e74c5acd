/** What the page of crypto units shows, as it stands in the address: the view, and what is open in it. */

export interface UnitsSearch {
  /** The units themselves when not given. */
  readonly view?: 'transcript'
  /** Id of the open unit. */
  readonly unit?: string
  /** Index of the first event of the ceremony that is shown; all when not given. */
  readonly ceremony?: number
  /** Index of the event whose step is open. */
  readonly step?: number
}

/** What of it makes sense at another instance. */
export const unitsKept: readonly (keyof UnitsSearch)[] = ['view']

/** Reads an address. What is malformed is left out, never guessed. */
export function parseUnitsSearch(raw: Readonly<Record<string, unknown>>): UnitsSearch {
  const { view, unit } = raw
  const [ceremony, step] = [indexIn(raw['ceremony']), indexIn(raw['step'])]
  return {
    ...(view === 'transcript' && { view }),
    ...(typeof unit === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(unit) && { unit }),
    ...(ceremony !== undefined && { ceremony }),
    ...(step !== undefined && { step }),
  }
}

function indexIn(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  return /^\d{1,15}$/.test(String(value)) ? Number(value) : undefined
}
