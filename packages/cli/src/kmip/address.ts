/** Options that say where the KMIP listener is. */
import type { Command } from 'commander'
import type { Surroundings } from '../surroundings.ts'
import { type ListenerAddress, listenerAddress } from '../tls/listener-address.ts'

export interface KmipAddressOptions {
  readonly url?: string
  readonly kmip?: string
  readonly ca?: string
}

/** IANA's port for KMIP. */
const kmipListener = { member: 'kmip', port: 5696 } as const

export function withKmipAddress(command: Command): Command {
  return command
    .option('--kmip <host:port>', "address of the KMIP listener (default: the server's host, port 5696)")
    .option('--ca <file>', 'PEM file of the authority that signed its certificate (default: tls/ca.pem in ./data)')
}

/** @throws CliError `BAD_INPUT` */
export function kmipAddress(io: Surroundings, { kmip, url }: KmipAddressOptions): Promise<ListenerAddress> {
  return listenerAddress(io, kmipListener, kmip, url)
}
