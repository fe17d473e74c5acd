/** Where clients reach a listener that speaks TLS with certificates on both sides, and which authority vouches for it. */
import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { CliError } from '../cli-error.ts'
import { localRun } from '../connection.ts'
import type { Surroundings } from '../surroundings.ts'

/** A kind of listener: its member in what a running server writes about itself, and the port it usually has. */
export interface ListenerKind {
  readonly member: 'kmip' | 'ep11'
  readonly port: number
}

export interface ListenerAddress {
  readonly host: string
  readonly port: number
}

/**
 * What is named, else what a server on this machine wrote about itself, else the host of the server's address.
 *
 * @param url of the server, where one is given
 * @throws CliError `BAD_INPUT`
 */
export async function listenerAddress(
  io: Surroundings,
  kind: ListenerKind,
  named: string | undefined,
  url: string | undefined,
): Promise<ListenerAddress> {
  if (named !== undefined) return parseAddress(named, kind)
  const server = URL.parse(url ?? io.environment['KEYWITNESS_URL'] ?? '')
  if (server !== null) return { host: server.hostname.replaceAll(/[[\]]/g, ''), port: kind.port }
  const run = await localRun(io)
  const { host, port } = parseAddress(run?.[kind.member] ?? '127.0.0.1', kind)
  // The address of every interface is none that one could connect to.
  return { host: host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host, port }
}

function parseAddress(text: string, { member, port }: ListenerKind): ListenerAddress {
  const url = URL.parse(`${member}://${text}`)
  const isBare = url !== null && url.hostname !== '' && /^[^/@?#]+$/.test(text)
  if (!isBare) throw new CliError('BAD_INPUT', `not an address: ${text}`, `give it like ${member}.example.com:${port}`)
  return { host: url.hostname.replaceAll(/[[\]]/g, ''), port: url.port === '' ? port : Number(url.port) }
}

/** As it is written in front of a port. */
export function addressText({ host, port }: ListenerAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** The file that is named, or that of a server on this machine; undefined when there is none. */
export async function authorityFile(io: Surroundings, named: string | undefined): Promise<string | undefined> {
  if (named !== undefined) return resolve(named)
  const file = resolve(join(io.environment['KEYWITNESS_DATA'] ?? './data', 'tls', 'ca.pem'))
  return access(file).then(
    () => file,
    () => undefined,
  )
}
