/** What the KMIP page shows, as it stands in the address: the open adapter, the form of a new one, the guide of a client. */

export interface KmipSearch {
  /** Id of the open adapter. */
  readonly adapter?: string
  readonly view?: 'new' | 'vcenter'
}

/** Reads an address. What is malformed is left out, never guessed. */
export function parseKmipSearch(raw: Readonly<Record<string, unknown>>): KmipSearch {
  const { adapter, view } = raw
  return {
    ...(typeof adapter === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(adapter) && { adapter }),
    ...((view === 'new' || view === 'vcenter') && { view }),
  }
}
