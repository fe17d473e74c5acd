/** What of a message is newer than the version that it is written in: nothing of a response may be. */
import { enumerationOf, enumerationVersion } from '../ttlv/enumerations.ts'
import type { Item } from '../ttlv/item.ts'
import { tagOfAttribute, tags, tagVersion } from '../ttlv/tags.ts'
import { compareVersions, type Version } from './version.ts'

/**
 * The tags that a client of this version must not see: newer ones, those of enumerations with a newer value, and those
 * of newer attributes that are named. Each as often as it is there.
 */
export function newerThan(item: Item, version: Version): number[] {
  const found: number[] = []
  collect(item, version, item.tag, found)
  return found
}

/** @param meaning the tag whose enumeration an item's value belongs to: of an Attribute Value, that of the attribute */
function collect(item: Item, version: Version, meaning: number, found: number[]): void {
  if (isNewer(tagVersion(item.tag), version)) found.push(item.tag)
  switch (item.type) {
    case 'Enumeration': {
      const name = enumerationOf(meaning)
      if (name !== undefined && isNewer(enumerationVersion(name, item.value), version)) found.push(meaning)
      return
    }
    case 'TextString': {
      const attribute = item.tag === tags.AttributeName ? tagOfAttribute(item.value) : undefined
      if (attribute !== undefined && isNewer(tagVersion(attribute), version)) found.push(attribute)
      return
    }
    case 'Structure': {
      const named = item.value.find(({ tag }) => tag === tags.AttributeName)?.value
      const attribute = typeof named === 'string' ? tagOfAttribute(named) : undefined
      for (const child of item.value) {
        const ofAttribute = child.tag === tags.AttributeValue ? attribute : undefined
        collect(child, version, ofAttribute ?? child.tag, found)
      }
    }
  }
}

/** Whether something came with a later version; what no version has is not newer than any. */
export function isNewer(since: Version | undefined, version: Version): boolean {
  return since !== undefined && compareVersions(since, version) > 0
}
