/** Why a start failed, in words for the operator, with the exit code that goes with it. */

/** Exit codes follow sysexits(3): 70 internal, 73 cannot create, 74 input/output, 75 busy, 78 configuration. */
export type StartErrorCode =
  | 'CONFIG'
  | 'DATA_IN_USE'
  | 'DATA_READ_ONLY'
  | 'DISK_FULL'
  | 'CORRUPT_STORE'
  | 'NEWER_SCHEMA'
  | 'PORT_BUSY'
  | 'SEAL'
  | 'FORKED_LOG'
  | 'PROFILE'

const exitCodes: Record<StartErrorCode, number> = {
  CONFIG: 78,
  DATA_IN_USE: 75,
  DATA_READ_ONLY: 73,
  DISK_FULL: 74,
  CORRUPT_STORE: 74,
  NEWER_SCHEMA: 78,
  PORT_BUSY: 75,
  SEAL: 78,
  FORKED_LOG: 74,
  PROFILE: 78,
}

export class StartError extends Error {
  readonly code: StartErrorCode
  readonly exitCode: number
  constructor(code: StartErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'StartError'
    this.code = code
    this.exitCode = exitCodes[code]
  }
}
