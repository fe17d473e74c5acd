/** Attributes of PKCS #11 on the command line: `CKA_LABEL=billing`, `CKA_ID=hex:01ff`, `CKA_SIGN=true`. */
import type { Command } from 'commander'
import { CliError } from './cli-error.ts'
import { several } from './command-options.ts'
import type { Attributes } from './keystore-api.ts'

export interface AttributeOptions {
  readonly label?: string
  readonly attribute?: readonly string[]
}

/** What a key is, as `--class` says it, and the attributes that say so. */
export const objectKinds = ['key', 'certificate', 'data'] as const
export type ObjectKind = (typeof objectKinds)[number]

const namePattern = /^(?:CKA_[A-Z0-9_]{1,60}|0x[0-9A-Fa-f]{1,13})$/

/** @param what such as `only those with` */
export function withAttributes(command: Command, what: string): Command {
  return command
    .option('--label <text>', `${what} this CKA_LABEL`)
    .option(
      '--attribute <name=value>',
      `${what} this attribute: true, false, a whole number, hex:…, or a text; may be given several times`,
      several,
    )
}

/** Undefined when none is given. @throws CliError `BAD_INPUT` */
export function givenAttributes({ label, attribute = [] }: AttributeOptions): Attributes | undefined {
  const given = [...(label === undefined ? [] : [['CKA_LABEL', { text: label }] as const]), ...attribute.map(parsed)]
  return given.length === 0 ? undefined : Object.fromEntries(given)
}

/** @throws CliError `BAD_INPUT` */
export function takenAttributes(names: readonly string[]): Attributes {
  return Object.fromEntries(names.map((name) => [named(name), null]))
}

/** The attributes without which a keystore takes an object for a key. */
export function attributesOfKind(kind: ObjectKind): Attributes {
  if (kind === 'certificate') return { CKA_CLASS: 1, CKA_CERTIFICATE_TYPE: 0 }
  return kind === 'data' ? { CKA_CLASS: 0 } : {}
}

function parsed(text: string): readonly [string, boolean | number | string | { readonly text: string }] {
  const at = text.indexOf('=')
  if (at < 1) throw new CliError('BAD_INPUT', `not an attribute: ${text}`, 'write it like CKA_LABEL=billing')
  return [named(text.slice(0, at)), valueOf(text.slice(at + 1))]
}

function named(name: string): string {
  if (namePattern.test(name)) return name
  throw new CliError('BAD_INPUT', `not the name of an attribute: ${name}`, 'such as CKA_LABEL, CKA_ID or 0x80070001')
}

function valueOf(text: string): boolean | number | string | { readonly text: string } {
  if (text === 'true' || text === 'false') return text === 'true'
  if (/^\d{1,15}$/.test(text)) return Number(text)
  const hex = /^hex:((?:[0-9A-Fa-f]{2})*)$/.exec(text)?.[1]
  if (hex !== undefined) return Buffer.from(hex, 'hex').toString('base64')
  if (text.startsWith('hex:')) throw new CliError('BAD_INPUT', 'hexadecimal digits come in pairs', 'such as hex:01ff')
  return { text: text.startsWith('text:') ? text.slice(5) : text }
}
