/** Carries messages as e-mail: SMTP to a checked address, TLS verified by the configured name, replies read within bounds. */
import type { Socket } from 'node:net'
import { createTransport, type SendMailOptions } from 'nodemailer'
import { bounded, Failed, type Outcome, problemOf } from '../attempt.ts'
import { type Carrier, settingsOf } from '../carrier.ts'
import { connectChecked, endpointUrl, secured, tlsOptions } from '../connection.ts'
import { outboundLimits } from '../limits.ts'
import type { Message } from '../messages.ts'

/** What of a target's settings the carrier itself uses. */
export interface EmailSettings {
  readonly to: readonly string[]
  readonly from: string
  readonly host: string
  readonly port: number
  /** `tls` from the first byte; `starttls` or nothing is sent; `none` only to addresses the operator listed. */
  readonly security: 'tls' | 'starttls' | 'none'
  /** Signs in with the target's secret as password. */
  readonly user?: string
  /** PEM. */
  readonly ca?: string
}

/** An e-mail as it is shown; every text is already what it should be. */
export interface Letter {
  readonly subject: string
  readonly text: string
  readonly html: string
  /** `<id@host>`, the same at every attempt. */
  readonly messageId: string
  /** `<id@host>` of what the thread hangs under. */
  readonly inReplyTo?: string
  readonly isUrgent: boolean
  readonly attachment?: { readonly filename: string; readonly content: string }
}

/** Undefined when the message is not one that can be shown. */
export type MakeLetter = (message: Message) => Letter | undefined

/** The secret is the password, or ''. */
export function emailCarrier(make: MakeLetter): Carrier {
  return {
    attemptMs: outboundLimits.mailAttemptMs,
    deliver: async (message, target, secret, parts, stopped) => {
      const settings = settingsOf<EmailSettings>(target)
      const url =
        settings === undefined ? undefined : endpointUrl(settings.host, settings.port, settings.security !== 'none')
      if (settings === undefined || url === undefined)
        return { delivered: false, problem: 'BAD_SETTINGS', isFinal: true }
      const letter = make(message)
      if (letter === undefined) return { delivered: false, problem: 'BAD_MESSAGE', isFinal: true }
      const ca = settings.ca ?? parts.ca
      return await bounded(parts.attemptMs, stopped, async (ended) => {
        const socket = await connectChecked(url, settings.port, parts, ended)
        try {
          const connection = settings.security === 'tls' ? await secured(socket, url, ca) : socket
          const mail = { ...mailOf(letter, settings, message.createdAt), signal: ended }
          return await send(mail, { settings, url, ca, password: secret, connection }, socket, parts.attemptMs)
        } finally {
          socket.destroy()
        }
      })
    },
  }
}

interface Session {
  readonly settings: EmailSettings
  readonly url: URL
  readonly ca: string | undefined
  readonly password: string
  readonly connection: Socket
}

/** @param raw what the bytes of the session come in by */
async function send(mail: SendMailOptions, session: Session, raw: Socket, attemptMs: number): Promise<Outcome> {
  const { settings, url, ca, password, connection } = session
  const { security, user } = settings
  const transport = createTransport({
    connection,
    host: url.hostname,
    port: settings.port,
    secure: security === 'tls',
    secured: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    tls: tlsOptions(url, ca),
    // A server that offers no sign-in does not get the letter either.
    ...(user === undefined ? {} : { auth: { user, pass: password }, forceAuth: true }),
    maxResponseSize: outboundLimits.mailReplyBytes,
    connectionTimeout: attemptMs,
    greetingTimeout: attemptMs,
    socketTimeout: attemptMs,
    socketCloseTimeout: 0,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  let isTooMuch = false
  // Endless empty replies are each within their bound; the session as a whole has one too.
  const watch = setInterval(() => {
    if (raw.bytesRead <= outboundLimits.mailSessionBytes) return
    isTooMuch = true
    raw.destroy()
  }, outboundLimits.mailLookMs)
  try {
    return outcomeOfSent(await transport.sendMail(mail))
  } catch (error) {
    if (isTooMuch) throw new Failed('BAD_ANSWER', error)
    return outcomeOfError(error as SmtpError)
  } finally {
    clearInterval(watch)
  }
}

function mailOf(letter: Letter, { from, to }: EmailSettings, createdAt: number): SendMailOptions {
  const { subject, text, html, messageId, inReplyTo, isUrgent, attachment } = letter
  return {
    envelope: { from, to: [...to] },
    from: { name: '', address: from },
    to: to.map((address) => ({ name: '', address })),
    subject,
    text,
    html,
    messageId,
    date: new Date(createdAt),
    ...(inReplyTo === undefined ? {} : { inReplyTo, references: [inReplyTo] }),
    ...(isUrgent ? { priority: 'high' as const } : {}),
    // RFC 3834: nobody's absence is to answer it.
    headers: { 'Auto-Submitted': 'auto-generated' },
    xMailer: false,
    ...(attachment === undefined
      ? {}
      : {
          attachments: [{ ...attachment, contentType: 'text/plain; charset=utf-8', contentTransferEncoding: 'base64' }],
        }),
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

/** What of an error is looked at: never its message, which holds what the server wrote. */
interface SmtpError extends Error {
  readonly code?: string | undefined
  readonly originalCode?: string | undefined
  readonly responseCode?: number | undefined
  readonly command?: string | undefined
}

/**
 * Some recipients may have been refused while others have the letter. It counts as delivered to all or not at all: what may
 * yet be taken is sent again, and those that have it know it by its id; what is refused for good is given up, and shows.
 */
function outcomeOfSent({
  rejectedErrors = [],
}: {
  readonly rejectedErrors?: readonly SmtpError[] | undefined
}): Outcome {
  const deferred = rejectedErrors.find((error) => (error.responseCode ?? 0) < 500)
  const refused = deferred ?? rejectedErrors[0]
  return refused === undefined ? { delivered: true } : outcomeOfError(refused)
}

/** Replies that ask for a sign-in, or do not take it (RFC 4954, 6). */
const signInReplies = new Set([530, 534, 535, 538])
/** A permanent no to one of these is about this letter. To the others it may be another one after the operator looked. */
const letterCommands = new Set(['MAIL FROM', 'RCPT TO', 'DATA'])

function outcomeOfError({ code, originalCode, responseCode: reply, command = '' }: SmtpError): Outcome {
  const isForGood = reply === undefined || reply >= 500
  if ((code === 'EAUTH' && isForGood) || (reply !== undefined && signInReplies.has(reply))) {
    return { delivered: false, problem: 'AUTH' }
  }
  if (code === 'ETLS' && isForGood) throw new Failed('TLS')
  if (reply !== undefined && reply >= 400 && reply <= 599) {
    // 503: the session went wrong, not the letter.
    const isFinal = reply >= 500 && reply !== 503 && letterCommands.has(command)
    return { delivered: false, problem: `SMTP_${reply}`, ...(isFinal ? { isFinal } : {}) }
  }
  if (reply !== undefined || code === 'EPROTOCOL') throw new Failed('BAD_ANSWER')
  if (code === 'ETIMEDOUT') throw new Failed('TIMEOUT')
  throw new Failed(problemOf({ name: '', message: '', code: originalCode ?? '' }))
}
