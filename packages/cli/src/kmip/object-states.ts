/** KMIP objects for people: their type and state in words (KMIP 1.4, sections 9.1.3.2.3 and 9.1.3.2.18). */
import { InvalidArgumentError } from 'commander'
import type { Resource } from '../kms-api.ts'

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

export function objectStateText(object: Resource): string {
  return states[Number(object['state']) - 1] ?? ''
}

export function objectTypeText(object: Resource): string {
  return types[Number(object['kmip_object_type'])] ?? ''
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
