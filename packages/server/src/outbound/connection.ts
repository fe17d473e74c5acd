/** A connection to a checked address, for what is not HTTP: the same rules of addresses and certificates. */
import { addAbortListener } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { type AttemptParts, checkedAddresses, Failed, problemOf, untilEnded } from './attempt.ts'
import { outboundLimits } from './limits.ts'
import { literalAddress } from './target-url.ts'

/** Where a connection leads, as a URL: so a host is read, and judged, in every spelling as that of a webhook. */
export function endpointUrl(host: string, port: number, isSecure: boolean): URL | undefined {
  const text = `${isSecure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}/`
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const isPlain = url.username === '' && url.password === '' && url.pathname === '/' && url.search === ''
  return isPlain && url.hash === '' ? url : undefined
}

/** What TLS is asked for: the certificate must be the name's, or the address's where the configuration names one. */
export function tlsOptions(url: URL, ca: string | undefined) {
  const literal = literalAddress(url)
  return {
    ...(literal === undefined ? { servername: url.hostname } : { host: literal }),
    ...(ca === undefined ? {} : { ca }),
    rejectUnauthorized: true,
  }
}

/**
 * Connects to the first checked address of a name that takes a connection. The socket is destroyed when `ended` says so.
 * @throws Failed
 */
export async function connectChecked(url: URL, port: number, parts: AttemptParts, ended: AbortSignal): Promise<Socket> {
  const addresses = (await untilEnded(checkedAddresses(url, parts), ended)).slice(0, outboundLimits.addresses)
  for (const [at, address] of addresses.entries()) {
    const isLast = at === addresses.length - 1
    const socket = await connectTo(address, port, isLast ? undefined : outboundLimits.connectMs, ended)
    if (socket !== undefined) return socket
  }
  throw new Failed('NO_CONNECTION')
}

/** Undefined when there is no connection. */
function connectTo(
  address: string,
  port: number,
  connectMs: number | undefined,
  ended: AbortSignal,
): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host: address, port })
    destroyAtEnd(socket, ended)
    const timer = connectMs === undefined ? undefined : setTimeout(() => socket.destroy(), connectMs)
    socket.once('close', () => {
      clearTimeout(timer)
      resolve(undefined)
    })
    // A socket without listener would end the process with its error; what becomes of it shows by its close.
    socket.on('error', () => undefined)
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve(socket)
    })
  })
}

/**
 * Secures a connection.
 * @throws Failed `TLS` when the certificate is not the name's, or nobody's that is trusted
 */
export function secured(socket: Socket, url: URL, ca: string | undefined): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const tls = connectTls({ ...tlsOptions(url, ca), socket })
    tls.once('error', (error) => {
      socket.destroy()
      reject(new Failed(problemOf(error), error))
    })
    tls.once('close', () => reject(new Failed('NO_CONNECTION')))
    tls.once('secureConnect', () => {
      tls.on('error', () => undefined)
      resolve(tls)
    })
  })
}

function destroyAtEnd(socket: Socket, ended: AbortSignal): void {
  const listening = addAbortListener(ended, () => socket.destroy())
  socket.once('close', () => listening[Symbol.dispose]())
}
