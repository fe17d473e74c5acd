/** One item of a request message on its way: who asks, what it found, and what its event will say. */
import type { Instance } from '../../instances/instance.ts'
import type { Turns } from '../../keys/turns.ts'
import type { AdapterRow, CertificateRow } from '../management/rows.ts'
import type { Version } from '../message/version.ts'
import type { Fields } from '../message/fields.ts'
import type { MaterialParts } from '../objects/material.ts'
import type { ObjectStore } from '../objects/object-store.ts'
import type { Item } from '../ttlv/item.ts'
import type { Workspace } from '../workspace.ts'

/** Who asks, in which version, and when. */
export interface KmipCall {
  readonly instance: Instance
  readonly adapter: AdapterRow
  /** Client certificate that the adapter knows. */
  readonly certificate: Pick<CertificateRow, 'id' | 'name' | 'fingerprint'>
  readonly version: Version
  /** Milliseconds since the epoch; the same for all items of a message. */
  readonly now: number
}

/** The facts of an item's event; which of them its action has, the catalogue says. */
export interface KmipSeen {
  target: { id: string; name: string }
  request: {
    objectType?: string
    cryptographicAlgorithm?: string
    cryptographicLength?: number
    usageMask?: number
    attributeNames?: readonly string[]
    attributeEffect?: 'description' | 'use'
    sensitive?: boolean
    extractable?: boolean
    publicKeyUsageMask?: number
    replacedKeyId?: string
    derivationMethod?: string
    baseKeyIds?: readonly string[]
    revocationReasonCode?: string
    compromiseOccurrenceDate?: string
    mechanism?: string
  }
  response: {
    keyId?: string
    publicKeyId?: string
    validity?: 'Valid' | 'Invalid'
    kmipState?: number
    'initialValue.kmipState'?: number
    'newValue.kmipState'?: number
    activationDate?: string
    deactivationDate?: string
    destroyDate?: string
    keyFormatType?: string
    wrappedWith?: string
    rootKeyId?: string
    totalResources?: number
  }
}

export interface KmipItem {
  readonly call: KmipCall
  readonly workspace: Workspace
  /** Lives inside one message only (KMIP 1.4, section 4; reference section 4.6). */
  readonly batch: { placeholder: string | undefined }
  readonly seen: KmipSeen
}

export interface KmipOperationParts extends MaterialParts {
  readonly objects: ObjectStore
  /** For walks through many objects. */
  readonly turns: Turns
  /** The name by which the server tells what it is. */
  readonly vendor: string
  readonly limits: { readonly objectsPerAdapter: number }
}

/** Decides and makes; answers the fields of the response payload. It writes nothing but into the workspace, at its end. */
export type KmipOperation = (
  payload: Fields,
  item: KmipItem,
  parts: KmipOperationParts,
) => Promise<readonly Item[]> | readonly Item[]

/** Seconds since the epoch. */
export function secondsOf({ now }: Pick<KmipCall, 'now'>): bigint {
  return BigInt(Math.floor(now / 1_000))
}
