/** Query: what this server can do, as far as the client's version has words for it (KMIP 1.4, section 4.25). */
import { atLeast, compareVersions, type Version } from '../message/version.ts'
import { objectTypes } from '../objects/kmip-object.ts'
import { enumerations, enumerationVersion } from '../ttlv/enumerations.ts'
import { boolean, enumeration, type Item, structure, text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import type { KmipOperation } from './item.ts'

const { QueryFunction: functions } = enumerations

/** @param operations numbers of the operations that are served */
export function queryOf(operations: readonly number[]): KmipOperation {
  return (payload, { call: { version } }, { vendor }) => {
    const asked = new Set<number>(payload.many(tags.QueryFunction, 'Enumeration'))
    payload.end()
    // What is unknown, or newer than the message, is not answered (reference section 10.2).
    const answers = new Map<number, readonly Item[]>([
      [functions.QueryOperations, operations.filter(isIn('Operation', version)).map(itemOf(tags.Operation))],
      [functions.QueryObjects, Object.values(objectTypes).map(itemOf(tags.ObjectType))],
      [functions.QueryServerInformation, [text(tags.VendorIdentification, vendor)]],
      ...(atLeast(version, 3) ? newerAnswers(version) : []),
    ])
    return [...answers].filter(([one]) => asked.has(one)).flatMap(([, items]) => items)
  }
}

/** In the order of the response payload. */
function newerAnswers(version: Version): [number, Item[]][] {
  const capabilities = [
    boolean(tags.StreamingCapability, false),
    boolean(tags.AsynchronousCapability, false),
    boolean(tags.AttestationCapability, false),
    ...(atLeast(version, 4)
      ? [boolean(tags.BatchUndoCapability, true), boolean(tags.BatchContinueCapability, true)]
      : []),
    enumeration(tags.UnwrapMode, enumerations.UnwrapMode.NotProcessed),
    enumeration(tags.DestroyAction, enumerations.DestroyAction.KeyMaterialDeleted),
    enumeration(tags.ShreddingAlgorithm, enumerations.ShreddingAlgorithm.Unspecified),
    enumeration(tags.RNGMode, enumerations.RNGMode.SharedInstantiation),
  ]
  return [
    [
      functions.QueryRNGs,
      [structure(tags.RNGParameters, [enumeration(tags.RNGAlgorithm, enumerations.RNGAlgorithm.DRBG)])],
    ],
    [functions.QueryCapabilities, [structure(tags.CapabilityInformation, capabilities)]],
    [
      functions.QueryClientRegistrationMethods,
      [enumeration(tags.ClientRegistrationMethod, enumerations.ClientRegistrationMethod.ClientRegistered)],
    ],
  ]
}

const itemOf =
  (tag: number) =>
  (value: number): Item =>
    enumeration(tag, value)

const isIn =
  (name: 'Operation', version: Version) =>
  (value: number): boolean => {
    const since = enumerationVersion(name, value)
    return since !== undefined && compareVersions(version, since) >= 0
  }
