/** The request target as it came (RFC 9112, section 3.2), made into a path that can be routed, decided on and shown. */

/** Longest segment of a path as it came, in characters. */
export const segmentCharsMax = 1_024

export interface RequestTarget {
  /** Path and query, whatever form the target had: every percent sign in the path can be decoded. */
  readonly url: string
  /** The path cannot be decoded, or has a segment over the bound: the request may be routed, but only to be refused. */
  readonly isMalformed: boolean
}

/** Total: every target becomes something that has a route or has none. */
export function readTarget(target: string): RequestTarget {
  const url = withoutAuthority(target)
  const end = url.search(/[?#]/)
  const path = end < 0 ? url : url.slice(0, end)
  const routable = path.split('/').map(routableSegment).join('/')
  if (routable === path) return { url, isMalformed: false }
  return { url: routable + url.slice(path.length), isMalformed: true }
}

/** Segments of a path, each decoded by itself: an encoded slash separates nothing. */
export function segmentsOf(url: string): string[] {
  const path = url.split(/[?#]/, 1)[0] ?? ''
  return path.split('/').slice(1).map(decodeURIComponent)
}

/** The absolute form names a host, and perhaps a user with a password, before the path. */
function withoutAuthority(target: string): string {
  const [authority] = /^https?:\/\/[^/?#]*/i.exec(target) ?? ['']
  const rest = target.slice(authority.length)
  return authority === '' || rest.startsWith('/') ? rest : `/${rest}`
}

/** What cannot be decoded is taken literally: its percent signs are encoded. */
function routableSegment(segment: string): string {
  return segment
    .slice(0, segmentCharsMax)
    .replaceAll(/(?:%[0-9a-f]{2})+|%/gi, (run) => (isDecodable(run) ? run : run.replaceAll('%', '%25')))
}

function isDecodable(run: string): boolean {
  try {
    decodeURIComponent(run)
    return true
  } catch {
    return false
  }
}
