/** Who signed a command: signatures of distinct installed administrators over the exact bytes (TKE reference, 4.1, 4.4). */
import { ADMINISTRATORS_MAX, type UnitState } from './registers.ts'
import { parseAdministratorCertificate } from './tke/administrator-certificate.ts'
import { decodeSignerInfos, verifySignerInfo, type SignerInfo } from './tke/signer-info.ts'
import { CommandRefused } from './unit-error.ts'

/**
 * The signatures of a request as they stand, none checked.
 * @throws CommandRefused 193/0 or 7/87
 */
export function readSignerInfos(bytes: Uint8Array): SignerInfo[] {
  let infos
  try {
    infos = decodeSignerInfos(bytes)
  } catch {
    throw new CommandRefused(193, 0)
  }
  if (infos.length > ADMINISTRATORS_MAX) throw new CommandRefused(7, 87)
  return infos
}

/**
 * Checks every signature and that there are enough of different administrators.
 * @throws CommandRefused 257, 192/22 or 208/21, tried in this order
 */
export function demandSignatures(
  state: UnitState,
  block: Uint8Array,
  infos: readonly SignerInfo[],
  required: number,
): void {
  const signers = new Set<string>()
  for (const [at, info] of infos.entries()) {
    // The same signature again proves nothing more, and costs nothing.
    if (infos.some((other, before) => before < at && isSame(other, info))) continue
    const administrator = state.administrators.find(({ ski }) => ski === info.ski)
    if (administrator === undefined) throw new CommandRefused(257, 0)
    const { publicKey } = parseAdministratorCertificate(administrator.certificate)
    if (!verifySignerInfo(block, info, publicKey)) throw new CommandRefused(192, 22)
    signers.add(info.ski)
  }
  if (signers.size < required) throw new CommandRefused(208, 21)
}

function isSame(one: SignerInfo, other: SignerInfo): boolean {
  return one.ski === other.ski && one.form === other.form && one.signature.equals(other.signature)
}
