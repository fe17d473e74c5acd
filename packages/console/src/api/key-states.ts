/** States and kinds of keys and of KMIP objects, as addresses name them: apart from the calls, which come with their pages. */

export const keyStates = ['active', 'suspended', 'deactivated', 'pre-active', 'destroyed'] as const
export type KeyStateName = (typeof keyStates)[number]
export const keyKinds = ['root', 'standard'] as const
export type KeyKind = (typeof keyKinds)[number]

/** KMIP's: pre-active, active, deactivated, compromised, destroyed, destroyed and compromised. */
export const objectStates = [1, 2, 3, 4, 5, 6] as const
export type ObjectState = (typeof objectStates)[number]
