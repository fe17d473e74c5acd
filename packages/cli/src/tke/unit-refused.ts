/** What goes wrong between this command and a crypto unit: refusals with their codes, answers that prove nothing. */
import { explainReturnCode } from '@keywitness/crypto-unit/tke/return-codes'
import { CliError } from '../cli-error.ts'
import { printable } from '../printable.ts'

/** The unit understood the command and refused it, and signed that it did: nothing changed but its counter. */
export class UnitRefused extends CliError {
  readonly returnCode: number
  readonly reason: number

  constructor(location: string, returnCode: number, reason: number) {
    const codes = reason === 0 ? `${returnCode}` : `${returnCode}/${reason}`
    super(
      'UNIT_REFUSED',
      `crypto unit ${printable(location)} refused: ${explainReturnCode(returnCode, reason)} (${codes})`,
      adviceFor(returnCode, reason),
    )
    this.returnCode = returnCode
    this.reason = reason
  }
}

/** Somebody else's command came between what was read and what was to follow. */
export class UnitMoved extends CliError {
  constructor(location: string) {
    super(
      'BAD_ANSWER',
      `somebody else changed crypto unit ${printable(location)} since it was looked at`,
      'look at it with keywitness tke cryptounit-compare; if it is as it should be, run the same command again',
    )
  }
}

/** Codes that a unit gives before it takes a command up: the command may have been carried out before, or may be later. */
const beforeTaken = new Set([3, 84, 163, 179, 192, 208, 257, 0x8001_0101])

/** Whether a refusal under the command's own counter proves that the command is dead: its counter was used for it. */
export function provesUnused(returnCode: number): boolean {
  return !beforeTaken.has(returnCode)
}

function adviceFor(returnCode: number, reason: number): string | undefined {
  if (returnCode === 163) {
    return (
      'somebody else changed the crypto unit since it was looked at; look with keywitness tke cryptounit-compare ' +
      'before you run it again'
    )
  }
  if (returnCode === 257) return 'keywitness tke cryptounit-admins shows whose signatures count'
  if (returnCode === 0x8001_0101) return 'look at it, then vouch for it: keywitness tke cryptounit-confirm'
  if (returnCode === 208) return 'sign with more keys: --key, or keywitness tke sigkey-sel'
  if (reason === 34) return 'leave imprint mode first: keywitness tke cryptounit-thrhld-set'
  if (reason === 14) return 'the crypto unit was zeroized in between; look with keywitness tke cryptounit-compare'
  return undefined
}

/** Something between here and the unit does not hold: nothing that it says can be believed. */
export function unproven(location: string, why: string): CliError {
  return new CliError(
    'VERIFICATION_FAILED',
    `what came as the answer of crypto unit ${printable(location)} is not proved to be its own: ${why}`,
    'send nothing more to it until you know why; its operator can say which root is the right one',
  )
}

/**
 * A work step on bytes that came from outside.
 *
 * @throws CliError `BAD_ANSWER` in place of what the codecs throw
 */
export function decoded<T>(location: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Error) || error instanceof CliError) throw error
    if (error.name !== 'ProtocolError' && error.name !== 'HtpError') throw error
    throw new CliError('BAD_ANSWER', `crypto unit ${printable(location)}: ${printable(error.message)}`)
  }
}
