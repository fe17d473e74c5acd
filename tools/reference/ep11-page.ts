/** What the page of EP11 takes from the code: methods with their permissions and events, mechanisms, attributes, curves. */
import { readFileSync } from 'node:fs'
import { attributeBits } from '../../packages/crypto-unit/src/ep11/attributes.ts'
import { curves } from '../../packages/crypto-unit/src/ep11/ec/curves.ts'
import { mechanismFlags, mechanisms, type Mechanism } from '../../packages/crypto-unit/src/ep11/mechanisms.ts'
import { cryptoMethods } from '../../packages/server/src/ep11/crypto/crypto.ts'
import { keystoreMethods } from '../../packages/server/src/keystore/methods.ts'
import { code, table, withPart } from './markdown.ts'

/** The page with its tables written anew; what people wrote around them stays. */
export function ep11Page(): string {
  const page = readFileSync(new URL('../../docs/reference/ep11.md', import.meta.url), 'utf8')
  const parts = {
    methods: methodsTable(),
    mechanisms: mechanismsTable(),
    curves: curvesTable(),
    'attribute bits': bitsTable(),
  }
  return Object.entries(parts).reduce((text, [name, part]) => withPart(text, name, part), page)
}

function methodsTable(): string {
  // Only asked for what they are: nothing is called.
  const nothing = {} as never
  const methods = [...cryptoMethods(nothing), ...keystoreMethods(nothing)]
  return table(
    ['method', 'permissions', 'event'],
    methods.map(({ path, permissions, action }) => [
      code(path.slice(1).replace('/', '.')),
      // Those of keystores are asked for the keystore or key that a call is about.
      (permissions.length === 0 ? [action.replace('hs-crypto.', '')] : permissions).map(code).join(' '),
      code(action),
    ]),
  )
}

/** ML-KEM and ML-DSA: of PKCS #11 3.2, and of no HPCS. */
const isOwn = (name: string): boolean => name.startsWith('CKM_ML_')

function mechanismsTable(): string {
  return table(
    ['mechanism', 'value', 'sizes', 'what for', 'control point'],
    Object.entries<Mechanism>(mechanisms).map(([name, { value, sizeMin, sizeMax, flags, controlPoint }]) => [
      `${code(name)}${isOwn(name) ? ' (ours)' : ''}`,
      code(`0x${value.toString(16)}`),
      sizeMax === 0 ? '' : `${sizeMin} to ${sizeMax}`,
      purposes(flags),
      controlPoint === undefined ? '' : code(controlPoint),
    ]),
  )
}

function purposes(flags: number): string {
  return Object.entries(mechanismFlags)
    .filter(([, bit]) => (flags & bit) !== 0)
    .map(([name]) => name.toLowerCase().replaceAll('_', ' '))
    .join(', ')
}

function curvesTable(): string {
  return table(
    ['curve', 'kind', 'bits'],
    curves.map(({ name, kind, bits }) => [name, kind, String(bits)]),
  )
}

function bitsTable(): string {
  return table(
    ['bit', 'attribute'],
    Object.entries(attributeBits).map(([name, bit]) => [code(`0x${bit.toString(16)}`), name]),
  )
}
