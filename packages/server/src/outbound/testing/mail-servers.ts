/** Mail servers for tests: a real one that can be told what to refuse, and ones that only speak TCP, each badly. */
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

interface Received {
  readonly from: string
  readonly to: readonly string[]
  /** Bytes of the letter as text. */
  readonly raw: string
  readonly isSecure: boolean
  readonly user: unknown
}

export interface MailServer {
  readonly port: number
  readonly received: Received[]
  /** Passwords that were shown to it, whether they were right or not. */
  readonly passwords: string[]
  /** Replies to recipients, and to the letter, in their order; then all is taken. */
  readonly refusals: { readonly at: 'RCPT' | 'DATA'; readonly code: number; readonly address?: string }[]
  close(): Promise<void>
}

export const mailUser = 'keywitness'
export const mailPassword = 'correct horse battery staple'

/** Takes letters; with the given options of the real server. Signing in needs the user and password of above. */
export async function mailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const received: Received[] = []
  const passwords: string[] = []
  const refusals: MailServer['refusals'] = []
  const refused = (at: 'RCPT' | 'DATA', address?: string): Error | undefined => {
    const found = refusals.findIndex((one) => one.at === at && (one.address === undefined || one.address === address))
    if (found === -1) return undefined
    const [refusal] = refusals.splice(found, 1)
    return Object.assign(new Error('the receiver wrote this'), { responseCode: refusal?.code })
  }
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    closeTimeout: 100,
    onAuth: ({ username, password }, _session, answer) => {
      passwords.push(password ?? '')
      if (username === mailUser && password === mailPassword) answer(null, { user: username })
      else answer(new Error('Invalid username or password'))
    },
    onRcptTo: ({ address }, _session, answer) => answer(refused('RCPT', address)),
    onData: (stream, session, answer) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const no = refused('DATA')
        if (no !== undefined) return answer(no)
        received.push({
          from: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address,
          to: session.envelope.rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString('utf8'),
          isSecure: session.secure,
          user: session.user,
        })
        answer()
      })
    },
    ...options,
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    passwords,
    refusals,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** What a server does with a connection. */
type Talk = (socket: Socket) => void

/** A server that speaks TCP, or TLS with the given certificate. */
export async function talker(talk: Talk, tls?: { readonly cert: string; readonly key: string }) {
  const sockets = new Set<Socket>()
  const take = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    talk(socket)
  }
  const server = tls === undefined ? createServer(take) : createTlsServer(tls, take)
  // Handshakes that do not come about.
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** Writes the same for ever, as fast as it is read. */
export function endless(text: string): Talk {
  const chunk = text.repeat(Math.ceil(65_536 / text.length))
  return (socket) => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    }
    socket.on('drain', more)
    more()
  }
}

/** Answers each line by the first word of it; what has no answer gets none, the answer `drop` ends it. */
export function scripted(greeting: string, answers: Readonly<Record<string, string>>): Talk {
  return (socket) => {
    let isLetter = false
    socket.write(greeting)
    socket.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString('latin1').split('\r\n')) {
        const word = isLetter ? 'LETTER' : (line.split(/[ :]/)[0] ?? '').toUpperCase()
        const answer = answers[word]
        if (answer === 'drop') socket.destroy()
        else if (answer !== undefined) socket.write(answer)
        if (word === 'DATA') isLetter = true
      }
    })
  }
}
