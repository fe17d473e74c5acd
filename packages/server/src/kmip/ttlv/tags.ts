/** Tags by name, and what is known of each: its name, its type, the version that it came with. */
import type { Version } from '../message/version.ts'
import type { ItemType } from './item.ts'
import { tagTable } from './tag-table.ts'

export type TagName = keyof typeof tagTable

type Tags = { readonly [Name in TagName]: (typeof tagTable)[Name][0] }

const rows = Object.entries(tagTable) as [TagName, readonly [number, ItemType | undefined]][]

export const tags = Object.fromEntries(rows.map(([name, [tag]]) => [name, tag])) as unknown as Tags

const names = new Map<number, TagName>(rows.map(([name, [tag]]) => [tag, name]))
const types = new Map<number, ItemType | undefined>(rows.map(([, row]) => row))

/**
 * The first tag of each version: every version numbered its new tags on from the last one. Of version 2 it is known
 * only which tags are too new.
 */
const firstTags: readonly (readonly [number, Version])[] = [
  [0x420166, { major: 2, minor: 1 }],
  [0x420125, { major: 2, minor: 0 }],
  [0x4200f8, { major: 1, minor: 4 }],
  [0x4200d4, { major: 1, minor: 3 }],
  [0x4200b8, { major: 1, minor: 2 }],
  [0x4200a2, { major: 1, minor: 1 }],
  [0x420001, { major: 1, minor: 0 }],
]

/** The first tag after the last one of version 2.1. */
const TAGS_END = 0x420177

/** The first version that has a standard tag; nothing for extensions and for numbers that were never given. */
export function tagVersion(tag: number): Version | undefined {
  return tag >= TAGS_END ? undefined : firstTags.find(([first]) => tag >= first)?.[1]
}

/** The name of a tag of versions 1.0 to 1.4, as the KMIP Profiles write it in XML. */
export function tagName(tag: number): TagName | undefined {
  return names.get(tag)
}

/** The type of a tag's value in versions 1.0 to 1.4, where it is the same everywhere. */
export function tagType(tag: number): ItemType | undefined {
  return types.get(tag)
}

/** The tag that has an attribute's name: that of `X.509 Certificate Issuer` is `X_509CertificateIssuer`. */
export function tagOfAttribute(attributeName: string): number | undefined {
  const name = attributeName.replaceAll(' ', '').replace(/[.#]/, '_')
  return Object.hasOwn(tags, name) ? tags[name as TagName] : undefined
}
