/** The client of EP11 (GREP11): uses keys that stay inside the crypto units of Keywitness, or of IBM HPCS, from Node. */
export { connectEp11, type Ep11Options } from './connect.ts'
export type { CallOptions, Witnessed } from './calls.ts'
export { Ep11, type KeyBlob, type MadeKey, type MechanismInfo } from './ep11.ts'
export { Ep11Error, type Ep11ErrorFacts } from './ep11-error.ts'
export type { KeystoreInfo, Keystores, KeystoreType, StoredKey } from './keystores.ts'
export type { Data } from './parts.ts'
export { publicKeyInfo, signatureDer } from './public-key.ts'
export type { BtcDeriveType, HashName, KdfName, Mechanism, MgfName, SchnorrType } from './mechanism.ts'
export type { AttributeChanges, Attributes, Template } from './template.ts'
export {
  attributesByKind,
  type AttributeKind,
  type AttributeName,
  type CurveName,
  type KeyType,
  keyTypes,
  type ObjectClass,
  objectClasses,
} from './constants/attributes.ts'
export { type MechanismFlag, mechanismFlags, type MechanismName, mechanisms } from './constants/mechanisms.ts'
export { type ReturnValue, returnValues } from './constants/return-values.ts'
