/** The service `grep11.Crypto`: all its methods. */
import type { Ep11Client } from '../../units/ep11-client.ts'
import type { Ep11Method } from '../method.ts'
import { dataMethods } from './data-methods.ts'
import { keyMethods } from './key-methods.ts'
import { signatureMethods } from './signature-methods.ts'

export function cryptoMethods(unit: Pick<Ep11Client, 'call'>): Ep11Method[] {
  return [...dataMethods(unit), ...signatureMethods(unit), ...keyMethods(unit)]
}
