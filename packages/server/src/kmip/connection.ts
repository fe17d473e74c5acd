/** One connection of KMIP after its handshake: messages in, answers out in their order, each step with a deadline. */
import type { TLSSocket } from 'node:tls'
import type { Logger } from 'pino'
import { Deadline, type Later } from '../listening/deadline.ts'
import { KmipError } from './message/kmip-error.ts'
import type { KmipAnswer, KmipPeer, KmipService } from './peer.ts'
import type { Rates } from '../listening/rates.ts'
import { Framer } from './ttlv/framer.ts'

/** Bounds of a connection, milliseconds. */
export interface ConnectionBounds {
  readonly idleMs: number
  readonly messageMs: number
  readonly answerMs: number
  readonly lingerMs: number
}

/** What all connections hold together. */
export interface HeldBytes {
  used: number
  readonly max: number
  /** What each connection may hold whatever the others do. */
  readonly own: number
}

export interface ConnectionParts {
  readonly socket: TLSSocket
  readonly peer: KmipPeer
  readonly service: KmipService
  readonly bounds: ConnectionBounds
  readonly requests: Rates
  readonly held: HeldBytes
  readonly later: Later
  readonly log: Logger
}

/**
 * What the connection is at:
 * - `waiting` for a message, no byte of which is there
 * - `receiving` one, from its first byte on
 * - `answering` it; of what comes meanwhile one piece is kept, and nothing more is read
 * - `closing`: our end is sent, and what still arrives is thrown away
 */
type Step = 'waiting' | 'receiving' | 'answering' | 'closing'

export class Connection {
  readonly peer: KmipPeer
  readonly #parts: ConnectionParts
  readonly #socket: TLSSocket
  readonly #framer: Framer
  readonly #deadline: Deadline
  #step: Step = 'waiting'
  /** Nothing more is answered after what is being answered. */
  #isLast = false
  /** The peer has sent its end; it may still read. */
  #hasEnded = false
  /** Of the common bytes, those that are held here. */
  #held = 0

  constructor(parts: ConnectionParts) {
    const { socket, peer, service } = parts
    this.#parts = parts
    this.#socket = socket
    this.peer = peer
    this.#framer = new Framer(() => service.maxBytes(peer))
    this.#deadline = new Deadline(parts.later)
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('end', () => this.#end())
    socket.on('error', (error: NodeJS.ErrnoException) => {
      parts.log.debug({ code: error.code }, 'a connection of KMIP broke off')
    })
    socket.on('close', () => {
      this.#step = 'closing'
      this.#deadline.clear()
      this.#hold(0)
    })
    this.#deadline.set(parts.bounds.idleMs, () => this.close())
  }

  /** Ends it in good order: what is being answered is dropped, and what arrives no longer read. */
  close(): void {
    if (this.#step === 'closing') return
    this.#step = 'closing'
    this.#hold(0)
    this.#deadline.set(this.#parts.bounds.lingerMs, () => this.#socket.destroy())
    this.#socket.end()
    this.#socket.resume()
  }

  /** Ends it once what is being answered has left. */
  finish(): void {
    this.#isLast = true
    if (this.#step !== 'answering') this.close()
  }

  /** Ends it now: not even the answer under way may leave. */
  drop(): void {
    if (this.#step === 'answering') this.#socket.destroy()
    else this.close()
  }

  #receive(chunk: Buffer): void {
    if (this.#step === 'closing') return
    try {
      this.#framer.push(chunk)
    } catch (error) {
      // `next` throws it again, in its turn.
      if (!(error instanceof KmipError)) throw error
    }
    if (this.#step === 'answering') {
      // Hardly any client sends before it has its answer: to stop reading for each message would cost all of them.
      this.#socket.pause()
      return
    }
    if (this.#hold(this.#framer.pending)) this.#proceed()
    else this.close()
  }

  #end(): void {
    this.#hasEnded = true
    if (this.#step !== 'answering') this.close()
  }

  /** With the next message, when all of it is there. */
  #proceed(): void {
    const { bounds, service, requests } = this.#parts
    let message: Buffer | undefined
    try {
      message = this.#framer.next()
    } catch (error) {
      if (!(error instanceof KmipError)) throw error
      this.#isLast = true
      void this.#answer(() => service.broken(this.peer, error))
      return
    }
    if (message === undefined) {
      if (this.#hasEnded) this.close()
      else if (this.#framer.pending === 0) this.#read('waiting', bounds.idleMs)
      else this.#read('receiving', bounds.messageMs)
      return
    }
    const rate = requests.take(this.peer.fingerprint ?? this.peer.address)
    if (rate === 'taken') void this.#answer(() => service.answer(this.peer, message), message)
    else {
      message.fill(0)
      if (rate === 'first') void this.#answer(() => service.overloaded(this.peer))
      else this.close()
    }
  }

  /** Its deadline is set when a step begins, not by each byte. */
  #read(step: 'waiting' | 'receiving', ms: number): void {
    if (this.#step !== step) {
      this.#step = step
      this.#deadline.set(ms, () => this.close())
    }
    if (this.#socket.isPaused()) this.#socket.resume()
  }

  async #answer(ask: () => Promise<KmipAnswer>, message?: Buffer): Promise<void> {
    this.#step = 'answering'
    this.#deadline.clear()
    let answer: KmipAnswer
    try {
      answer = await ask()
    } catch (error) {
      this.#parts.log.error(placeOf(error), 'a message of KMIP failed unexpectedly')
      answer = { bytes: undefined, close: true }
    }
    message?.fill(0)
    const { bytes, close } = answer
    if (bytes !== undefined) await this.#send(bytes)
    // It may have been closed meanwhile, by either side.
    if (this.#step !== 'answering') return
    if (close || this.#isLast) this.close()
    else if (this.#hold(this.#framer.pending)) this.#proceed()
    else this.close()
  }

  async #send(bytes: Buffer): Promise<void> {
    const isOpen = this.#step === 'answering' && this.#socket.writable
    if (isOpen && this.#hold(this.#framer.pending + bytes.length)) {
      this.#deadline.set(this.#parts.bounds.answerMs, () => this.#socket.destroy())
      await new Promise<void>((resolve) => this.#socket.write(bytes, () => resolve()))
    } else this.close()
    bytes.fill(0)
  }

  /** Tells how many bytes are held here now. False when all connections together hold too many. */
  #hold(bytes: number): boolean {
    const { held } = this.#parts
    held.used += bytes - this.#held
    this.#held = bytes
    return bytes <= held.own || held.used <= held.max
  }
}

/** Where an error came from; not its text, which may quote what it was about. */
function placeOf(error: unknown): { name: string; at: string[] } {
  const { name, stack = '' } = error instanceof Error ? error : new Error()
  return { name, at: stack.split('\n').filter((line) => /^\s+at /.test(line)) }
}
