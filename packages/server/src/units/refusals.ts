/** From a status on the pipe to an error of the server. */
import type { Fields } from '@keywitness/crypto-unit/frames'
import { statusName, type Status } from '@keywitness/crypto-unit/protocol'
import { explainReturnCode } from './return-codes.ts'
import { UnitRefusal } from './unit-client.ts'

/** The unit failed or was asked wrongly: a fault of ours, not of the caller. */
class UnitFault extends Error {
  readonly code: Status
  constructor(code: Status, message: string) {
    super(message)
    this.name = 'UnitFault'
    this.code = code
  }
}

/** An administrative command that the unit understood and did not carry out. */
export class UnitCommandRefusal extends Error {
  readonly code = 'COMMAND_REFUSED'
  /** PKCS#11 return value and EP11 reason (TKE reference, sections 2.7 and 2.8). */
  readonly returnCode: number
  readonly reason: number
  constructor(returnCode: number, reason: number) {
    super(`${explainReturnCode(returnCode, reason)} (${returnCode}/${reason})`)
    this.name = 'UnitCommandRefusal'
    this.returnCode = returnCode
    this.reason = reason
  }
}

export function refusalOf(status: number, answer: Fields): Error {
  const name = statusName(status)
  switch (name) {
    case 'COMMAND_REFUSED':
      return new UnitCommandRefusal(answer.u32(), answer.u32())
    case 'TAMPERED':
    case 'NOT_READY':
    case 'KIND':
    case 'BROKEN_BLOB':
    case 'LIMIT':
      return new UnitRefusal(name, answer.text())
    default:
      return new UnitFault(name, answer.text())
  }
}
