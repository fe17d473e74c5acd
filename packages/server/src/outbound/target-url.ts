/** The URL of a target: what may be configured at all. Where its name leads is checked at each attempt. */
import { isIP } from 'node:net'
import type { AddressRule } from './addresses.ts'
import { outboundLimits } from './limits.ts'

/** Why a URL cannot be a target, in words for whoever configures it. */
export class TargetUrlError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'TargetUrlError'
  }
}

/**
 * Reads a target's URL. Decimal, octal and hexadecimal forms of IPv4 addresses come out in dotted form (WHATWG URL).
 * @throws TargetUrlError
 */
export function parseTargetUrl(text: string, addresses: AddressRule): URL {
  if (text.length > outboundLimits.urlChars) {
    throw new TargetUrlError(`The URL has more than ${outboundLimits.urlChars} characters.`)
  }
  if (!URL.canParse(text)) throw new TargetUrlError('This is not a URL.')
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new TargetUrlError('The URL must begin with https://, or with http:// for a private address that is allowed.')
  }
  if (url.username !== '' || url.password !== '') throw new TargetUrlError('The URL must not hold credentials.')
  if (url.hash !== '') throw new TargetUrlError('The URL must not have a fragment.')
  const address = literalAddress(url)
  if (address !== undefined) {
    const judged = addresses.judge(address)
    if (judged === 'refused' || (judged === 'public' && url.protocol === 'http:')) {
      throw new TargetUrlError('The server may not send to this address; see KEYWITNESS_OUTBOUND_PRIVATE.')
    }
  }
  return url
}

/** The address that stands in a URL in place of a name. */
export function literalAddress(url: URL): string | undefined {
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname
  return isIP(host) === 0 ? undefined : host
}
