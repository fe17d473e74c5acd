/** Where clients reach the KMIP listener, and which authority vouches for it. */
import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { localRun } from '../connection.ts'
import type { Surroundings } from '../surroundings.ts'

export interface KmipAddressOptions {
  readonly url?: string
  readonly kmip?: string
  readonly ca?: string
}

export interface KmipAddress {
  readonly host: string
  readonly port: number
}

/** IANA's port for KMIP. */
const standardPort = 5696

export function withKmipAddress(command: Command): Command {
  return command
    .option('--kmip <host:port>', "address of the KMIP listener (default: the server's host, port 5696)")
    .option('--ca <file>', 'PEM file of the authority that signed its certificate (default: tls/ca.pem in ./data)')
}

/**
 * What is named, else what a server on this machine wrote about itself, else the host of the server's address.
 *
 * @throws CliError `BAD_INPUT`
 */
export async function kmipAddress(io: Surroundings, options: KmipAddressOptions): Promise<KmipAddress> {
  if (options.kmip !== undefined) return parseAddress(options.kmip)
  const url = URL.parse(options.url ?? io.environment['KEYWITNESS_URL'] ?? '')
  if (url !== null) return { host: url.hostname.replaceAll(/[[\]]/g, ''), port: standardPort }
  const run = await localRun(io)
  const { host, port } = parseAddress(run?.kmip ?? '127.0.0.1')
  // The address of every interface is none that one could connect to.
  return { host: host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host, port }
}

function parseAddress(text: string): KmipAddress {
  const url = URL.parse(`kmip://${text}`)
  const isBare = url !== null && url.hostname !== '' && /^[^/@?#]+$/.test(text)
  if (!isBare) throw new CliError('BAD_INPUT', `not an address: ${text}`, 'give it like kmip.example.com:5696')
  return { host: url.hostname.replaceAll(/[[\]]/g, ''), port: url.port === '' ? standardPort : Number(url.port) }
}

/** As it is written in front of a port. */
export function addressText({ host, port }: KmipAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** The file that is named, or that of a server on this machine; undefined when there is none. */
export async function authorityFile(io: Surroundings, options: KmipAddressOptions): Promise<string | undefined> {
  if (options.ca !== undefined) return resolve(options.ca)
  const file = resolve(join(io.environment['KEYWITNESS_DATA'] ?? './data', 'tls', 'ca.pem'))
  return access(file).then(
    () => file,
    () => undefined,
  )
}
