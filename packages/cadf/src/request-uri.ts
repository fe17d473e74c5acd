/** The request URI as an event may hold it: the path, and of the query only parameters that cannot carry a secret. */

/** UTF-16 units of a request URI in an event. */
export const requestUriMax = 1024

const flag = /^(?:true|false)$/
const uuid = /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/
const count = /^\d{1,9}$/
const time = /^(?:now|-\d{1,6}[smhdw]|\d{4}-\d{2}-\d{2}T[\d:.]{5,18}(?:Z|[+-]\d{2}:\d{2}))$/
const property =
  '-?(?:id|state|extractable|imported|creationDate|lastUpdateDate|lastRotateDate|deletionDate|expirationDate)'
const sortBy = new RegExp(`^${property}(?:,${property}){0,8}$`)

/**
 * Query parameters that are kept, each with the form its value must have. Everything else is dropped, name and value: a
 * value of a known parameter may still be a secret that somebody put there.
 */
export const harmlessParameters: Readonly<Record<string, RegExp>> = {
  action: /^(?:disable|enable|restore|rewrap|rotate|setKeyForDeletion|unsetKeyForDeletion|unwrap|wrap|deactivate)$/,
  after: count,
  allKeyStates: flag,
  allowExpiringKey: flag,
  crk_id: uuid,
  extractable: flag,
  force: flag,
  from: time,
  limit: count,
  offset: count,
  order: /^(?:asc|desc)$/,
  policy: /^(?:rotation|dualAuthDelete|allowedNetwork|allowedIP|keyCreateImportAccess|metrics)$/,
  preventKeyDeletion: flag,
  resource_kind: /^(?:instance|key)$/,
  sort: sortBy,
  /** Of keys, and of KMIP objects. */
  state: /^[0-6](?:,[0-6]){0,6}$/,
  to: time,
  totalCount: flag,
}

const plainUri = /^[A-Za-z0-9._~%:@/!$&'()*+,;=-]*$/

/**
 * Total: every string has a harmless form, so that a strange request still becomes an event. Applying it twice changes
 * nothing.
 *
 * @example harmlessUri('/api/v2/keys?limit=5&search=x') // '/api/v2/keys?limit=5'
 */
export function harmlessUri(uri: string): string {
  // Most have nothing but a path that is short and plain.
  if (uri.startsWith('/') && uri.length <= requestUriMax && plainUri.test(uri)) return uri
  const end = uri.search(/[?#]/)
  // A request target in absolute form (RFC 9112, 3.2.2) may hold a user's name and password before the host.
  const path = (end === -1 ? uri : uri.slice(0, end)).replace(/^https?:\/\/[^/]*/i, '') || '/'
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
  const name = parameter.slice(0, equals)
  if (equals === -1 || !Object.hasOwn(harmlessParameters, name)) return false
  return (
    harmlessParameters[name]?.test(
      parameter
        .slice(equals + 1)
        .replaceAll('%2C', ',')
        .replaceAll('%3A', ':'),
    ) === true
  )
}

/** Percent-encodes what a URI cannot hold; a lone surrogate becomes U+FFFD. */
function escape(path: string): string {
  return path.toWellFormed().replace(/[^A-Za-z0-9._~%:@/!$&'()*+,;=-]/gu, (character) => encodeURIComponent(character))
}
