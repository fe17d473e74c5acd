/** The one error of a message that is refused, and which reason a client of a version can be given for it. */
import { enumerations, enumerationVersion, type ResultReason } from '../ttlv/enumerations.ts'
import { compareVersions, type Version } from './version.ts'

export type { ResultReason } from '../ttlv/enumerations.ts'

/** A message, or one item of it, is refused. What the client is told is the reason and the text. */
export class KmipError extends Error {
  override readonly name = 'KmipError'
  readonly reason: ResultReason
  /** The bytes are those of another protocol: nothing of ours could be read by whoever sent them. */
  readonly notKmip: boolean

  /** @param message constant text of ours, at most 200 bytes; never a byte of what was sent */
  constructor(reason: ResultReason, message: string, options: { readonly notKmip?: boolean } = {}) {
    super(message)
    this.reason = reason
    this.notKmip = options.notKmip === true
  }
}

/** What older versions say instead; a reason that came later than another one may lead to that one. */
const older: { readonly [Reason in ResultReason]?: ResultReason } = {
  EncodingOptionError: 'InvalidField',
  KeyValueNotPresent: 'IllegalOperation',
  AttestationRequired: 'PermissionDenied',
  AttestationFailed: 'PermissionDenied',
  Sensitive: 'PermissionDenied',
  NotExtractable: 'PermissionDenied',
  ObjectAlreadyExists: 'InvalidField',
}

/** The reason itself, or the one that a client of this version knows (KMIP 1.4, section 9.1.3.2). */
export function reasonFor(reason: ResultReason, version: Version): ResultReason {
  const since = enumerationVersion('ResultReason', enumerations.ResultReason[reason])
  if (since !== undefined && compareVersions(version, since) >= 0) return reason
  return older[reason] ?? 'GeneralFailure'
}
