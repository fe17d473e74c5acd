/** What mechanisms take as their parameter that need none or an initialisation vector (reference grep11, section 10). */
import { Ep11Error } from './ep11-error.ts'
import type { MechanismParameter } from './parameter.ts'

/**
 * An empty parameter is none: clients send both.
 * @throws Ep11Error `CKR_MECHANISM_PARAM_INVALID`
 */
export function demandNoParameter(parameter: MechanismParameter): void {
  if (parameter.kind === 'none' || (parameter.kind === 'bytes' && parameter.bytes.length === 0)) return
  throw new Ep11Error('CKR_MECHANISM_PARAM_INVALID', 'The mechanism takes no parameter.')
}

/** @throws Ep11Error `CKR_MECHANISM_PARAM_INVALID` unless it is exactly one block */
export function vectorOf(parameter: MechanismParameter, blockBytes: number): Buffer {
  if (parameter.kind === 'bytes' && parameter.bytes.length === blockBytes) return parameter.bytes
  throw new Ep11Error(
    'CKR_MECHANISM_PARAM_INVALID',
    `The mechanism takes an initialisation vector of ${blockBytes} bytes.`,
  )
}
