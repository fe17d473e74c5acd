/** Who signed a command: signatures of distinct installed administrators over the exact bytes (TKE reference, 4.1, 4.4). */
import { verify } from 'node:crypto'
import { parseAdministratorCertificate } from './administrator-certificate.ts'
import type { CommandSignature } from './command-block.ts'
import { ADMINISTRATORS_MAX, type UnitState } from './registers.ts'
import { CommandRefused } from './unit-error.ts'

/** A P-521 signature in DER is never longer. */
const SIGNATURE_BYTES_MAX = 141

/**
 * Checks every signature and that there are enough of different administrators.
 * @throws CommandRefused 7/87, 193, 257, 192/22 or 208/21, tried in this order
 */
export function demandSignatures(
  state: UnitState,
  block: Uint8Array,
  signatures: readonly CommandSignature[],
  required: number,
): void {
  if (signatures.length > ADMINISTRATORS_MAX) throw new CommandRefused(7, 87)
  for (const { signature } of signatures) {
    if (signature.length < 8 || signature.length > SIGNATURE_BYTES_MAX) throw new CommandRefused(193, 0)
  }
  const signers = new Set<string>()
  for (const { ski, signature } of signatures) {
    const administrator = state.administrators.find((installed) => installed.ski === ski)
    if (administrator === undefined) throw new CommandRefused(257, 0)
    const { publicKey } = parseAdministratorCertificate(administrator.certificate)
    if (!verify('sha512', block, publicKey, signature)) throw new CommandRefused(192, 22)
    signers.add(ski)
  }
  if (signers.size < required) throw new CommandRefused(208, 21)
}
