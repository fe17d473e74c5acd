/** The errors a unit answers with: each has its status on the pipe. No text holds anything of the request. */
import type { Status } from './protocol.ts'
import { wordBytes } from './tke/der.ts'

export class UnitError extends Error {
  readonly status: Exclude<Status, 'OK'>
  constructor(status: UnitError['status'], message: string) {
    super(message)
    this.name = 'UnitError'
    this.status = status
  }
}

/** A well-formed administrative command that the unit does not carry out (TKE reference, sections 2.7 and 2.8). */
export class CommandRefused extends Error {
  /** A PKCS#11 return value. */
  readonly returnCode: number
  /** The EP11 reason, 0 where there is none. */
  readonly reason: number
  constructor(returnCode: number, reason: number) {
    super(`The command is refused (${returnCode}/${reason}).`)
    this.name = 'CommandRefused'
    this.returnCode = returnCode
    this.reason = reason
  }

  /** The payload of the answer: four bytes, or none without a reason. */
  reasonBytes(): Buffer {
    return this.reason === 0 ? Buffer.alloc(0) : wordBytes(this.reason)
  }
}
