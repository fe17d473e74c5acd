/** The Digest of objects whose material anybody could guess: made when it is asked for, and kept nowhere. */
import { Refusal } from '../../errors.ts'
import { instancesOf, put } from '../attributes/attribute-set.ts'
import { digestOfMaterial } from '../objects/key-block.ts'
import type { KmipObject } from '../objects/kmip-object.ts'
import { openMaterial, requireRoot } from '../objects/material.ts'
import type { KmipItem, KmipOperationParts } from './item.ts'
import { digestOf } from './new-object.ts'

/** Whether it has one at all. */
export function hasDigest(object: KmipObject): boolean {
  return isMadeOnDemand(object) || instancesOf(object.attributes, 'Digest').length > 0
}

function isMadeOnDemand({ material, attributes, form }: KmipObject): boolean {
  return material !== undefined && form.wrapping === undefined && instancesOf(attributes, 'Digest').length === 0
}

/** The object with its Digest, or without while its root key does not open it: attributes are read all the same. */
export async function withDigest(
  object: KmipObject,
  { call }: KmipItem,
  parts: KmipOperationParts,
): Promise<KmipObject> {
  if (!isMadeOnDemand(object)) return object
  try {
    const material = await openMaterial(requireRoot('open', call.adapter, call.now, parts), object, parts)
    const sha256 = digestOfMaterial(object.form, material)
    material.fill(0)
    if (sha256 === undefined) return object
    return { ...object, attributes: put(object.attributes, 'Digest', digestOf(sha256, object.form.format)) }
  } catch (error) {
    if (error instanceof Refusal) return object
    throw error
  }
}
