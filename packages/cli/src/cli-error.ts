/** What ends a command early, with the exit code a script can go by. */

/** Exit codes of the command. */
export const exitCodes = {
  good: 0,
  /** Something that was to be verified does not hold, crypto units differ, or alerting is in trouble. */
  failed: 1,
  /** The command line or a file given to it is wrong. */
  usage: 2,
  /** The server cannot be reached, or it or a crypto unit refused. */
  server: 3,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export type CliErrorCode =
  | 'VERIFICATION_FAILED'
  | 'REMEMBERED_HEAD_DAMAGED'
  | 'IN_TROUBLE'
  | 'UNITS_DIFFER'
  | 'BAD_INPUT'
  | 'UNREACHABLE'
  | 'REFUSED'
  | 'UNIT_REFUSED'
  | 'BAD_ANSWER'
  | 'NOT_IN_TIME'
  | 'INTERRUPTED'

const exitOf: Record<CliErrorCode, ExitCode> = {
  VERIFICATION_FAILED: exitCodes.failed,
  REMEMBERED_HEAD_DAMAGED: exitCodes.failed,
  IN_TROUBLE: exitCodes.failed,
  UNITS_DIFFER: exitCodes.failed,
  BAD_INPUT: exitCodes.usage,
  UNREACHABLE: exitCodes.server,
  REFUSED: exitCodes.server,
  UNIT_REFUSED: exitCodes.server,
  BAD_ANSWER: exitCodes.server,
  NOT_IN_TIME: exitCodes.server,
  INTERRUPTED: exitCodes.server,
}

/** A failure the user is told of in one line: what is wrong, and what to do. */
export class CliError extends Error {
  readonly code: CliErrorCode
  /** What to do about it. */
  readonly advice: string | undefined
  /** What was given, with a mark below the place at fault. */
  readonly marked: readonly string[]

  constructor(code: CliErrorCode, message: string, advice?: string, marked: readonly string[] = []) {
    super(message)
    this.name = 'CliError'
    this.code = code
    this.advice = advice
    this.marked = marked
  }

  get exitCode(): ExitCode {
    return exitOf[this.code]
  }
}
