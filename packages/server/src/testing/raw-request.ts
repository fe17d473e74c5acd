/** Requests as they stand on the wire: no client in between makes them well-formed. */
import { connect } from 'node:net'

/** Sends a request without a body and reads until the server closes the connection. */
export function sendRaw(port: number, target: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const all = { host: `127.0.0.1:${port}`, connection: 'close', ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return new Promise((resolve, reject) => {
    let got = ''
    const socket = connect(port, '127.0.0.1')
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => (got += String(chunk)))
    socket.on('close', () => resolve(got))
    socket.on('error', reject)
    socket.write(`GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`)
  })
}
