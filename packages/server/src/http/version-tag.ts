/** ETags that are versions, and what If-Match asks of one (RFC 9110, section 13.1.1). */
import type { IncomingHttpHeaders } from 'node:http'
import { Refusal } from '../errors.ts'

const versionTag = /^(?:W\/)?"(\d{1,15})"$/

/**
 * The version that If-Match names, compared weakly; undefined for none and for `*`, which match whatever there is.
 * @throws Refusal `PRECONDITION_FAILED` for what is the tag of no version
 */
export function matchedVersion(headers: IncomingHttpHeaders): number | undefined {
  const tag = headers['if-match']?.trim()
  if (tag === undefined || tag === '*') return undefined
  const version = versionTag.exec(tag)?.[1]
  if (version === undefined) throw new Refusal('PRECONDITION_FAILED')
  return Number(version)
}

/** The ETag of a version. */
export function tagOf(version: number): string {
  return `"${version}"`
}
