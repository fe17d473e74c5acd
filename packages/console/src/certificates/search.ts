/** What the page of certificates shows, as it stands in the address: the view, and the open certificate. */

export interface CertificatesSearch {
  /** The certificates themselves when not given. */
  readonly view?: 'recoveries' | 'transcript'
  /** Id of the open certificate, and whose it is: each administrator chooses ids. */
  readonly certificate?: string
  readonly of?: string
}

/** What of it makes sense at another instance. */
export const certificatesKept: readonly (keyof CertificatesSearch)[] = ['view']

/** Reads an address. What is malformed is left out, never guessed. */
export function parseCertificatesSearch(raw: Readonly<Record<string, unknown>>): CertificatesSearch {
  const { view, certificate, of } = raw
  return {
    ...((view === 'recoveries' || view === 'transcript') && { view }),
    ...(typeof certificate === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(certificate) && { certificate }),
    ...(typeof of === 'string' && /^[A-Za-z0-9._:@/+-]{1,128}$/.test(of) && { of }),
  }
}
