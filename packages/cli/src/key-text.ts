/** Keys for people: their kind and state in words. */
import type { Resource } from './kms-api.ts'

export const keyMediaType = 'application/vnd.ibm.kms.key+json'

/** Key states by their number (NIST SP 800-57). */
const states: Readonly<Record<number, string>> = {
  0: 'pre-active',
  1: 'active',
  2: 'suspended',
  3: 'deactivated',
  5: 'destroyed',
}

export function stateText(key: Resource): string {
  return states[Number(key['state'])] ?? ''
}

/** Root keys wrap, standard keys can be taken out. */
export function kindText(key: Resource): 'root' | 'standard' {
  return key['extractable'] === true ? 'standard' : 'root'
}
