/** From a status on the pipe to an error of the server. */
import type { Fields } from '@keywitness/crypto-unit/frames'
import { statusName, type Status } from '@keywitness/crypto-unit/protocol'
import { UnitRefusal } from './unit-client.ts'

/** The unit failed or was asked wrongly: a fault of ours, not of the caller. */
export class UnitFault extends Error {
  readonly code: Status
  constructor(code: Status, message: string) {
    super(message)
    this.name = 'UnitFault'
    this.code = code
  }
}

export function refusalOf(status: number, answer: Fields): Error {
  const name = statusName(status)
  switch (name) {
    case 'TAMPERED':
    case 'NOT_READY':
    case 'KIND':
    case 'BROKEN_BLOB':
    case 'LIMIT':
    case 'INVALID':
    case 'BUSY':
      return new UnitRefusal(name, answer.text())
    default:
      return new UnitFault(name, answer.text())
  }
}
