/** What the keystores page shows, as it stands in the address: the open keystore. */

export interface KeystoresSearch {
  /** Id of the open keystore. */
  readonly keystore?: string
}

/** Reads an address. What is malformed is left out, never guessed. */
export function parseKeystoresSearch(raw: Readonly<Record<string, unknown>>): KeystoresSearch {
  const { keystore } = raw
  return typeof keystore === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(keystore) ? { keystore } : {}
}
