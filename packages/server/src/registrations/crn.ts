/** Cloud Resource Names of registered resources, and the questions that find them (reference section 7.9). */
import { badQuery } from '../keys/refusals.ts'
import { registrationLimits } from './limits.ts'

/** `crn:v1:<cname>:<ctype>:<service>:<location>:<scope>:<instance>:<type>:<resource>` */
const segments = 10
/** A resource must be named at least up to its service instance. */
const leastSegments = 8

const form =
  /^crn:v1:[a-z0-9-]+:[a-z]+:[a-z0-9.-]+:[a-z0-9-]*:(?:[aosp]\/[A-Za-z0-9-]+)?:[A-Za-z0-9._-]+(?::[A-Za-z0-9._-]*){0,1}(?::[A-Za-z0-9._~%/@+=-]*)?$/

const queryForm = /^[A-Za-z0-9._~%/@+=:*-]+$/

/** A CRN with all its ten segments, empty ones at the end as the case may be. Undefined for what is none. */
export function wholeCrn(text: string): string | undefined {
  const decoded = decodedAgain(text)
  if (decoded === undefined || !form.test(decoded)) return undefined
  const whole = decoded + ':'.repeat(segments - decoded.split(':').length)
  return whole.length <= registrationLimits.crnLength ? whole : undefined
}

/** What matches, as SQLite's GLOB takes it, and the literal part before the first wildcard. */
export interface CrnPattern {
  readonly glob: string
  readonly prefix: string
  /** Whether it does not say which service instance the resources belong to. */
  readonly isOpen: boolean
}

/**
 * The parameter `urlEncodedResourceCRNQuery`: ten segments, `*` in any of them for what it may be, `*` at the end for
 * all that begins so. No stored CRN has a colon inside a segment, so a wildcard cannot reach over one when all ten are
 * there.
 * @param fixed how many leading segments must not be `*`
 * @throws Refusal `INVALID_QUERY_PARAM_ERR`
 */
export function crnPattern(text: string, name: string, fixed: number): CrnPattern {
  const decoded = decodedAgain(text)
  const parts = decoded?.split(':') ?? []
  const isPrefix = decoded?.endsWith('*') === true
  if (
    decoded === undefined ||
    decoded.length > registrationLimits.crnLength ||
    !queryForm.test(decoded) ||
    parts[0] !== 'crn' ||
    parts.length > segments ||
    (!isPrefix && parts.length < leastSegments)
  ) {
    throw badQuery(name, `${name} must be a CRN; * stands for a segment, or at the end for any rest.`)
  }
  if (parts.slice(0, fixed).some((part) => part === '*') || parts.length < fixed) {
    throw badQuery(name, `The first ${fixed} segments of ${name} must be given.`)
  }
  const glob = isPrefix ? decoded : decoded + ':'.repeat(segments - parts.length)
  const isOpen = parts.length < leastSegments || parts.slice(0, leastSegments).includes('*')
  return { glob, prefix: glob.split('*', 1)[0] ?? '', isOpen }
}

/** A client that encoded the CRN itself sends it encoded twice. */
function decodedAgain(text: string): string | undefined {
  if (!/%3A/i.test(text)) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
