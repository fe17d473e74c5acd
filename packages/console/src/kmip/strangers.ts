/**
 * Clients that were turned away since no adapter has their certificate. They belong to nobody's instance: their events are
 * in the trail of the operator, so all trails that one may read are looked through.
 */
import type { Calls } from '../api/client.ts'
import { type FacetValue, readFacet } from '../api/history-api.ts'
import { asApiError } from '../api/problem.ts'

interface Stranger extends Pick<FacetValue, 'newest'> {
  readonly location: string
  /** SHA-256 of its certificate, hexadecimal. */
  readonly fingerprint: string
}

export interface Strangers {
  readonly found: readonly Stranger[]
  /** Where they were looked for. */
  readonly locations: readonly string[]
  readonly failed: readonly { readonly location: string; readonly message: string }[]
}

const prefix = 'CertificateID-'
const search = { query: 'action:hs-crypto.kmip-key.default outcome:failure code:401', from: '-1h' }

/** Of the last hour. Each trail is a search, and an event of its own. */
export async function readStrangers(
  calls: Calls,
  locations: readonly string[],
  signal?: AbortSignal,
): Promise<Strangers> {
  const answers = await Promise.allSettled(
    locations.map(async (location) =>
      (await readFacet(calls, location, 'initiator', search, signal))
        .filter(({ value }) => value.startsWith(prefix))
        .map(({ value, newest }) => ({
          location,
          fingerprint: value.slice(prefix.length),
          ...(newest !== undefined && { newest }),
        })),
    ),
  )
  return {
    found: answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : [])),
    locations,
    failed: answers.flatMap((answer, at) =>
      answer.status === 'fulfilled'
        ? []
        : [{ location: locations[at] ?? '', message: asApiError(answer.reason).message }],
    ),
  }
}
