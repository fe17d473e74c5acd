/** Where a listener is bound, in words: its address, and why it could not be bound. */
import type { AddressInfo } from 'node:net'
import type { Address } from './setting-values.ts'
import { StartError } from './start-error.ts'

/** `host:port`, an IPv6 host in brackets. */
export function addressText(bound: AddressInfo | string | null): string {
  if (bound === null || typeof bound === 'string') throw new Error('a listener without a port')
  return bound.family === 'IPv6' ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`
}

/**
 * @param setting that names the address
 * @returns StartError PORT_BUSY or CONFIG, or the error itself when it is about something else
 */
export function bindError(error: unknown, address: Address, setting: string): unknown {
  const code = (error as { code?: string }).code
  if (code === 'EADDRINUSE') {
    return new StartError(
      'PORT_BUSY',
      `Port ${address.port} on ${address.host} is taken by another program. Stop it, or set ${setting} (port 0 takes any free one)`,
      error,
    )
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    return new StartError('CONFIG', `${setting}: ${address.host}:${address.port} cannot be bound (${code})`, error)
  }
  return error
}

/** Undefined while the listener is not bound. */
export function portOf(bound: AddressInfo | string | null): number | undefined {
  return bound !== null && typeof bound === 'object' ? bound.port : undefined
}
