/** Receivers for tests: real HTTP servers on loopback, each with a manner of its own. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net'

interface Received {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Receiver {
  readonly port: number
  readonly url: string
  readonly received: Received[]
  /** Resolves when this many messages have come. */
  came(count: number): Promise<void>
  close(): Promise<void>
}

type Manner = (request: IncomingMessage, response: ServerResponse) => void

/** Answers as `manner` does, once the whole message is there. */
export async function receiver(manner: Manner = (_request, response) => void response.writeHead(204).end()) {
  const received: Received[] = []
  let told = (): void => undefined
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    response.on('error', () => undefined)
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({
        path: request.url ?? '',
        headers: request.headers as Record<string, string>,
        body: Buffer.concat(chunks).toString('utf8'),
      })
      told()
      manner(request, response)
    })
  })
  const port = await listening(server)
  const made: Receiver = {
    port,
    url: `http://127.0.0.1:${port}/hook`,
    received,
    came: (count) =>
      new Promise((resolve) => {
        told = () => {
          if (received.length >= count) resolve()
        }
        told()
      }),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return made
}

/** Takes connections and says nothing. */
export const hanging: Manner = () => undefined

/** Sends a byte of its head every now and then, for ever. */
export function slowHead(request: IncomingMessage): void {
  const { socket } = request
  socket.write('HTTP/1.1 200 OK\r\nx-drip: ')
  const drip = setInterval(() => socket.write('.'), 20)
  socket.on('close', () => clearInterval(drip))
  socket.on('error', () => undefined)
}

/** A good head, and then a body that never ends. */
export function huge(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200)
  const more = (): void => {
    while (!response.destroyed && response.write(Buffer.alloc(65_536, 'x')));
  }
  response.on('drain', more)
  more()
}

export function status(code: number, headers: Readonly<Record<string, string>> = {}): Manner {
  return (_request, response) => void response.writeHead(code, headers).end('no')
}

/** A port that nobody listens on. */
export async function deadPort(): Promise<number> {
  const server = createTcpServer()
  const port = await listening(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
