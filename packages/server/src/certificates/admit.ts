/** What every operation on administrators' keys and accepted certificates begins with: may the caller, and did the caller sign? */
import { Refusal } from '../errors.ts'
import type { OwnInstanceRequest } from '../http/instance-route.ts'
import type { CertificateParts } from './parts.ts'
import type { AdminKeyRow } from './rows.ts'
import { keyOf } from './signature-key.ts'
import { readCommand, type SeenCommand, type SeenSigner, type SignedCommand, verifyCommand } from './signed-command.ts'

/**
 * Before anything else, for a missing permission outranks every other fault of a request (design 6).
 * @throws Refusal `UNAUTHORIZED_ERR`
 */
export function authorise({ caller, instance }: OwnInstanceRequest, { access }: CertificateParts): void {
  access.requireInstance(caller, instance, 'certificates.administer')
}

/**
 * For seeing what all administrators have set: also whoever reads the trail that tells of it anyway.
 * @throws Refusal `UNAUTHORIZED_ERR`
 */
export function authoriseOverview(request: OwnInstanceRequest, parts: CertificateParts): void {
  const { caller, instance } = request
  if (!parts.access.mayReadTracker(caller, instance.location)) authorise(request, parts)
}

/**
 * The same for what changes something: it is counted, and is read as a signed command.
 * @throws Refusal `UNAUTHORIZED_ERR`, `TOO_MANY_REQUESTS`, and those of `readCommand`
 */
export function authoriseCommand(
  request: OwnInstanceRequest,
  seen: SeenCommand,
  parts: CertificateParts,
): SignedCommand {
  authorise(request, parts)
  if (!parts.mayCommand(request.caller.id)) throw new Refusal('TOO_MANY_REQUESTS')
  return readCommand(request, seen)
}

/**
 * The caller's key, that a command is signed by.
 * @throws Refusal `CERT_SIGNER_NOT_CALLER`, `CERT_KEY_MISSING`, `CERT_SIGNER_UNKNOWN`, and those of `verifyCommand`
 */
export function signerOf(
  { caller, instance }: OwnInstanceRequest,
  command: SignedCommand,
  seen: SeenSigner,
  parts: CertificateParts,
): AdminKeyRow {
  const row = parts.certificates.key(instance.guid, caller.id)
  if (row?.keyId !== command.keyId) {
    // Whose it is, is for the trail to know, not for the caller.
    seen.keyOwner = parts.certificates.keyOwner(instance.guid, command.keyId)
    if (seen.keyOwner !== undefined) throw new Refusal('CERT_SIGNER_NOT_CALLER')
  }
  if (row === undefined) throw new Refusal('CERT_KEY_MISSING')
  const key = row.keyId === command.keyId ? keyOf(row.publicKey) : undefined
  if (key === undefined) throw new Refusal('CERT_SIGNER_UNKNOWN')
  verifyCommand(command, key, parts)
  return row
}
