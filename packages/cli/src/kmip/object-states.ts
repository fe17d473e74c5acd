/** KMIP objects for people: names, algorithm, and type and state in words (KMIP 1.4, sections 9.1.3.2.3 and 9.1.3.2.18). */
import { InvalidArgumentError } from 'commander'
import type { Resource } from '../kms-api.ts'
import { printable } from '../printable.ts'
import { memberText } from '../resource-output.ts'

/** By their number, from 1. */
const states = ['pre-active', 'active', 'deactivated', 'compromised', 'destroyed', 'destroyed-compromised'] as const

export const stateWords = states.join(', ')

/** States whose objects are not destroyed yet, as the API wants them. */
export const livingStates = '1,2,3,4'

const types: Readonly<Record<number, string>> = {
  2: 'symmetric key',
  3: 'public key',
  4: 'private key',
  6: 'template',
  7: 'secret data',
  8: 'opaque object',
}

/** Empty for what has no state: a template, or an opaque object, while it is not destroyed. */
export function objectStateText(object: Resource): string {
  const hasNone = object['object_type'] !== undefined && object['state_name'] === undefined
  return hasNone ? '' : (states[Number(object['state']) - 1] ?? '')
}

export function objectTypeText(object: Resource): string {
  return types[Number(object['kmip_object_type'])] ?? ''
}

/** The names that clients gave it, with how many the list left out. */
export function objectNameText(object: Resource): string {
  const names = Array.isArray(object['names']) ? object['names'].map(String) : []
  const omitted = Number(object['names_omitted'] ?? 0)
  return [...names, ...(omitted > 0 ? [`… and ${omitted} more`] : [])].join(', ')
}

/** Such as `AES 256`; empty for what is no key. */
export function objectKeyText(object: Resource): string {
  return ['cryptographic_algorithm', 'cryptographic_length']
    .map((name) => memberText(object, name))
    .filter((text) => text !== '')
    .join(' ')
}

/** An object as one line, as it is asked about before it goes. */
export function objectLine(object: Resource): string {
  const name = objectNameText(object)
  const parts = [
    [objectTypeText(object), name === '' ? '' : `"${name}"`].filter((text) => text !== '').join(' '),
    objectKeyText(object),
    memberText(object, 'id'),
    objectStateText(object),
    `made ${memberText(object, 'created_at')}`,
  ]
  return parts.filter((text) => text !== '').join(', ')
}

/** All that is known of it, words instead of numbers, nothing as JSON. */
export function objectText(object: Resource): Resource {
  const told = new Set(['state_name', 'object_type', 'names_omitted'])
  const words: Resource = {
    ...object,
    kmip_object_type: objectTypeText(object),
    state: objectStateText(object) === '' ? 'none' : objectStateText(object),
    ...(object['names'] === undefined
      ? {}
      : {
          names: Array.isArray(object['names'])
            ? object['names'].map((name) => printable(String(name))).join('\n')
            : '',
        }),
  }
  return Object.fromEntries(Object.entries(words).filter(([name]) => !told.has(name)))
}

/** Words or numbers with commas between them, as the API's list of numbers; for commander. */
export function parseStates(text: string): string {
  return text
    .split(',')
    .map((word) => {
      const number = /^[1-6]$/.test(word.trim()) ? Number(word) : states.indexOf(word.trim() as never) + 1
      if (number > 0) return number
      throw new InvalidArgumentError(`States are ${stateWords}.`)
    })
    .join(',')
}
