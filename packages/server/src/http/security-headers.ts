/** Headers every answer carries, and the content security policies. */

/** For data: a browser that is made to show it may load, run and frame nothing. */
export const dataPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

/**
 * For the console: its own scripts, styles, fonts and API, nothing else and nothing inline, but for the style elements
 * of its component library, which carry the nonce of this one answer.
 */
export function consolePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ')
}

const common: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': dataPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** Headers of every answer; over TLS also that browsers must keep to TLS. */
export function securityHeaders(isTls: boolean): Readonly<Record<string, string>> {
  return isTls ? { ...common, 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : common
}
