/** Clients put what they like before `/v1/tke/`, such as the region that their address is made of: it means nothing here. */

const marker = '/v1/tke/'

/** The target from the last `/v1/tke/` of its path on; any other target as it is. */
export function withoutTkePrefix(url: string): string {
  const end = url.search(/[?#]/)
  const path = end < 0 ? url : url.slice(0, end)
  const at = path.lastIndexOf(marker)
  // A path of another service that happens to hold the marker is that service's.
  return at <= 0 || /^\/(?:api|identity|oidc|v1)\//.test(path) ? url : url.slice(at)
}
