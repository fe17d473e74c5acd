/** The request URI as an event may hold it: the path, and of the query only parameters that cannot carry a secret. */

/** UTF-16 units of a request URI in an event. */
export const requestUriMax = 1024

/** Query parameters that are kept, when their value is short and plain. All others are dropped, name and value. */
export const harmlessParameters: readonly string[] = [
  'action',
  'allKeyStates',
  'extractable',
  'force',
  'from',
  'limit',
  'offset',
  'order',
  'policy',
  'preventKeyDeletion',
  'sort',
  'state',
  'to',
  'totalCount',
]

const plainValue = /^[A-Za-z0-9._:,+-]{0,64}$/
const plainUri = /^[A-Za-z0-9._~%:@/!$&'()*+,;=-]*$/

/**
 * Total: every string has a harmless form, so that a strange request still becomes an event. Applying it twice changes
 * nothing.
 *
 * @example harmlessUri('/api/v2/keys?limit=5&search=x') // '/api/v2/keys?limit=5'
 */
export function harmlessUri(uri: string): string {
  const end = uri.search(/[?#]/)
  const path = end === -1 ? uri : uri.slice(0, end)
  const plain = plainUri.test(path) ? path : escape(path)
  if (plain.length > requestUriMax) return `${plain.slice(0, requestUriMax - 1)}~`
  if (end === -1 || uri[end] === '#') return plain
  const query = uri
    .slice(end + 1, end + 1 + requestUriMax)
    .replace(/#.*$/s, '')
    .split('&')
    .filter(isHarmless)
    .join('&')
  return query === '' || plain.length + query.length >= requestUriMax ? plain : `${plain}?${query}`
}

function isHarmless(parameter: string): boolean {
  const equals = parameter.indexOf('=')
  return (
    equals !== -1 &&
    harmlessParameters.includes(parameter.slice(0, equals)) &&
    plainValue.test(parameter.slice(equals + 1))
  )
}

/** Percent-encodes what a URI cannot hold; a lone surrogate becomes U+FFFD. */
function escape(path: string): string {
  return path.toWellFormed().replace(/[^A-Za-z0-9._~%:@/!$&'()*+,;=-]/gu, (character) => encodeURIComponent(character))
}
