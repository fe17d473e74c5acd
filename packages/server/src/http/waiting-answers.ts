/** Answers that wait for slow readers: a bounded number of bytes, in all and for each holder of credentials. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'

export interface WaitingBounds {
  /** Answers below this are not looked at: about what the kernel takes of a connection at once. */
  readonly answerBytes: number
  /** Of all answers that wait for one holder together. */
  readonly holderBytes: number
  /** Of all answers that wait together. */
  readonly totalBytes: number
  /** A reader that takes nothing of such an answer for this long is dropped, milliseconds. */
  readonly unreadMs: number
}

interface WaitingAnswer {
  readonly holder: string
  readonly bytes: number
  readonly socket: Socket
}

/** Who has waited longest reads slowest: over a bound it is dropped, whereas the newest answer always may begin. */
export class WaitingAnswers {
  readonly #bounds: WaitingBounds
  readonly #dropped: (bytes: number) => void
  /** The oldest first. */
  readonly #waiting = new Set<WaitingAnswer>()
  /** Connections whose end is heard. */
  readonly #known = new WeakSet<Socket>()

  /** @param dropped told of each answer that is given up */
  constructor(bounds: WaitingBounds, dropped: (bytes: number) => void) {
    this.#bounds = bounds
    this.#dropped = dropped
  }

  /** Counts an answer that is about to be written until the system has taken it whole, or its connection is gone. */
  watch(holder: string, bytes: number, { socket }: IncomingMessage, response: ServerResponse): void {
    if (bytes < this.#bounds.answerBytes || !(socket instanceof Socket)) return
    const answer = { holder, bytes, socket }
    this.#waiting.add(answer)
    // Restored with the next request, by the server's own times.
    socket.setTimeout(this.#bounds.unreadMs)
    response.once('finish', () => this.#waiting.delete(answer))
    this.#forgetWith(socket)
    this.#keepWithin(this.#bounds.holderBytes, answer, (one) => one.holder === holder)
    this.#keepWithin(this.#bounds.totalBytes, answer, () => true)
  }

  /** An answer that waits for those before it on its connection never hears that this is gone. */
  #forgetWith(socket: Socket): void {
    if (this.#known.has(socket)) return
    this.#known.add(socket)
    socket.once('close', () => {
      for (const answer of this.#waiting) if (answer.socket === socket) this.#waiting.delete(answer)
    })
  }

  #keepWithin(bytesMax: number, newest: WaitingAnswer, counts: (answer: WaitingAnswer) => boolean): void {
    const counted = [...this.#waiting].filter(counts)
    let bytes = counted.reduce((sum, one) => sum + one.bytes, 0)
    for (const answer of counted) {
      if (bytes <= bytesMax || answer === newest) return
      bytes -= answer.bytes
      this.#waiting.delete(answer)
      this.#dropped(answer.bytes)
      answer.socket.destroy()
    }
  }
}
