/** A KMIP client for tests: one connection over mutual TLS, messages or any bytes on it, and how it ends. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { join } from 'node:path'
import type { ConnectionOptions } from 'node:tls'
import { type Asking, asking } from '@keywitness/server/kmip/testing/messages'
import { TlsConnection } from '@keywitness/server/kmip/testing/tls-connection'
import type { Identity } from './new-certificate.ts'

/** Where the listener is, and who vouches for it. */
export interface KmipPlace {
  /** `host:port`. */
  readonly address: string
  /** PEM of the authority. */
  readonly ca: string
}

/** The listener of a running product, with the authority of its data folder. */
export function kmipPlace(product: { readonly kmip: string; readonly data: string }): KmipPlace {
  return { address: product.kmip, ca: readFileSync(join(product.data, 'tls/ca.pem'), 'utf8') }
}

/** Connects, and resolves when the handshake is done; the server's certificate must be of the authority. */
export async function connectKmip(
  { address, ca }: KmipPlace,
  identity?: Identity,
  options: ConnectionOptions = {},
): Promise<KmipConnection> {
  const [host = '', port = ''] = address.split(/:(?=\d+$)/)
  const tcp = connectTcp(Number(port), host)
  await once(tcp, 'connect')
  const own = identity === undefined ? {} : { cert: identity.certificate, key: identity.key }
  const connection = new KmipConnection(tcp, { host, ca, ...own, ...options })
  await connection.secured
  return connection
}

export class KmipConnection extends TlsConnection implements Asking {
  readonly send: Asking['send']
  readonly ask: Asking['ask']
  readonly refused: Asking['refused']

  constructor(tcp: Socket, options: ConnectionOptions) {
    super(tcp, options)
    const { send, ask, refused } = asking((request) => this.exchange(request))
    this.send = send
    this.ask = ask
    this.refused = refused
  }

  /** Bytes as they are; the next message is the answer. */
  exchange(bytes: Uint8Array): Promise<Buffer> {
    this.write(bytes)
    return this.message()
  }

  write(bytes: Uint8Array): void {
    this.socket.write(bytes)
  }

  /** Ends this side, after these bytes; answers still come. */
  end(bytes?: Uint8Array): void {
    if (bytes === undefined) this.socket.end()
    else this.socket.end(bytes)
  }

  /** Breaks off: the server gets a reset, or an end in the middle. */
  reset(): void {
    this.tcp.resetAndDestroy()
  }

  /** Ends both sides, and waits for it. */
  async close(): Promise<void> {
    this.socket.destroy()
    await this.closed
  }
}
