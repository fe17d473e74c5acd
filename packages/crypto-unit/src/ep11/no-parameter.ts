/** The check of every mechanism that takes no parameter. */
import { Ep11Error } from './ep11-error.ts'
import type { MechanismParameter } from './parameter.ts'

/** An empty one is as good as none (reference grep11, section 10). @throws Ep11Error `CKR_MECHANISM_PARAM_INVALID` */
export function demandNoParameter(parameter: MechanismParameter): void {
  if (parameter.kind === 'none' || (parameter.kind === 'bytes' && parameter.bytes.length === 0)) return
  throw new Ep11Error('CKR_MECHANISM_PARAM_INVALID', 'The mechanism takes no parameter.')
}
