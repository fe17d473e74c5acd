/** Forms of values that several settings have: addresses of listeners, files of TLS, numbers. */
import { existsSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { StartError } from './start-error.ts'
import type { TlsFiles } from './tls/files.ts'

/** Where a listener binds. Port 0: any free one; the real one stands in `run.json`. */
export interface Address {
  readonly host: string
  readonly port: number
}

/**
 * Ends the start.
 * @param what completes a sentence that begins with the setting's name; it never holds the value, which may be a secret
 * @throws StartError CONFIG
 */
export function wrong(name: string, what: string): never {
  throw new StartError('CONFIG', `${name} ${what}.`)
}

export function addressOf(name: string, value: string): Address {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([\w.-]+)):(\d{1,5})$/.exec(value)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || port > 65_535) wrong(name, 'must look like 127.0.0.1:8080 or [::1]:8080')
  return { host, port }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/**
 * On another address than loopback: not in the development profile, and with TLS files only.
 * @param names of the settings with the address, the certificate and the key
 */
export function requireTls(
  names: { readonly address: string; readonly cert: string; readonly key: string },
  host: string,
  isDevelopment: boolean,
  tls: TlsFiles | undefined,
): void {
  if (isLoopback(host)) return
  if (isDevelopment) wrong(names.address, 'must be a loopback address in the development profile')
  if (tls === undefined) wrong(names.address, `on another address than loopback needs ${names.cert} and ${names.key}`)
}

/** Certificate and key go together; none where neither is set. */
export function tlsFilesOf(
  names: { readonly cert: string; readonly key: string },
  cert: string,
  key: string,
): TlsFiles | undefined {
  if ((cert === '') !== (key === '')) wrong(names.cert, `and ${names.key} go together`)
  if (cert === '') return undefined
  for (const [name, path] of [
    [names.cert, cert],
    [names.key, key],
  ] as const) {
    if (!existsSync(path)) wrong(name, 'names a file that does not exist')
  }
  return { cert: resolve(cert), key: resolve(key) }
}

/** A whole number without sign or leading zeros. */
export function numberOf(name: string, value: string, { min, max }: { readonly min: number; readonly max: number }) {
  const number = Number(value)
  if (!/^(0|[1-9]\d{0,8})$/.test(value) || number < min || number > max) {
    wrong(name, `must be a whole number from ${min} to ${max}`)
  }
  return number
}

export function isYes(name: string, value: string): boolean {
  if (value !== 'yes' && value !== 'no') wrong(name, 'must be yes or no')
  return value === 'yes'
}
