/** Carries messages to a syslog receiver: over TLS, one message to a connection (RFC 5425). */
import type { TLSSocket } from 'node:tls'
import { bounded, Failed, problemOf } from '../attempt.ts'
import { type Carrier, settingsOf } from '../carrier.ts'
import { connectChecked, endpointUrl, secured } from '../connection.ts'
import { outboundLimits } from '../limits.ts'
import type { Message } from '../messages.ts'

/** What of a target's settings the carrier itself uses. */
interface SyslogSettings {
  readonly host: string
  readonly port: number
  readonly facility?: string
  /** PEM. */
  readonly ca?: string
}

/** The message of RFC 5424. Undefined when it is not one that can be shown. */
export type MakeLine = (message: Message, settings: SyslogSettings) => string | undefined

/** The target's secret is not used. */
export function syslogCarrier(make: MakeLine): Carrier {
  return {
    attemptMs: outboundLimits.attemptMs,
    deliver: async (message, target, _secret, parts, stopped) => {
      const settings = settingsOf<SyslogSettings>(target)
      const url = settings === undefined ? undefined : endpointUrl(settings.host, settings.port, true)
      if (settings === undefined || url === undefined)
        return { delivered: false, problem: 'BAD_SETTINGS', isFinal: true }
      const line = make(message, settings)
      if (line === undefined) return { delivered: false, problem: 'BAD_MESSAGE', isFinal: true }
      // RFC 5425, 4.3.1: the length counts bytes.
      const bytes = Buffer.from(line)
      const frame = Buffer.concat([Buffer.from(`${bytes.length} `), bytes])
      return await bounded(parts.attemptMs, stopped, async (ended) => {
        const socket = await connectChecked(url, settings.port, parts, ended)
        try {
          await handOver(await secured(socket, url, settings.ca ?? parts.ca), frame)
          return { delivered: true }
        } finally {
          socket.destroy()
        }
      })
    },
  }
}

/**
 * Syslog answers nothing. What can be known is that all was written, and that the receiver, after reading up to our end
 * (RFC 5425, 4.4), closed the connection in good order: one that broke, or was reset with bytes unread, shows as an error.
 * @throws Failed
 */
function handOver(socket: TLSSocket, frame: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let bytes = 0
    let isEarly = false
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > outboundLimits.answerBytes) socket.destroy(new Failed('BAD_ANSWER'))
    })
    socket.on('error', (error) => reject(error instanceof Failed ? error : new Failed(problemOf(error), error)))
    socket.once('end', () => (isEarly = !socket.writableFinished))
    socket.once('close', () => {
      if (socket.readableEnded && socket.writableFinished && !isEarly) resolve()
      else reject(new Failed('NO_CONNECTION'))
    })
    socket.end(frame)
  })
}
