/** The Digest of objects whose material anybody could guess: made when it is asked for, and kept nowhere. */
import { hash } from 'node:crypto'
import { Refusal } from '../../errors.ts'
import { instancesOf, put } from '../attributes/attribute-set.ts'
import type { KmipObject } from '../objects/kmip-object.ts'
import { openMaterial, requireRoot } from '../objects/material.ts'
import type { KmipItem, KmipOperationParts } from './item.ts'
import { digestOf } from './template.ts'

/** Whether it has one at all. */
export function hasDigest({ material, attributes }: KmipObject): boolean {
  return material !== undefined || instancesOf(attributes, 'Digest').length > 0
}

/** The object with its Digest, or without while its root key does not open it: attributes are read all the same. */
export async function withDigest(
  object: KmipObject,
  { call }: KmipItem,
  parts: KmipOperationParts,
): Promise<KmipObject> {
  if (object.material === undefined || instancesOf(object.attributes, 'Digest').length > 0) return object
  try {
    const material = await openMaterial(requireRoot('open', call.adapter, call.now, parts), object, parts)
    const sha256 = hash('sha256', material, 'buffer')
    material.fill(0)
    return { ...object, attributes: put(object.attributes, 'Digest', digestOf(sha256, object.form.format)) }
  } catch (error) {
    if (error instanceof Refusal) return object
    throw error
  }
}
