/** Why a call of EP11 is refused: a return value and a sentence for the caller, in which nothing of keys or data stands. */
import { returnValues, type ReturnValue } from './return-values.ts'

export class Ep11Error extends Error {
  readonly returnValue: ReturnValue
  constructor(returnValue: ReturnValue, message: string) {
    super(message)
    this.name = 'Ep11Error'
    this.returnValue = returnValue
  }

  /** The CKR_ number. */
  get code(): number {
    return returnValues[this.returnValue]
  }
}
