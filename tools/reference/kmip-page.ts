/** What the page of KMIP takes from the code: the operations with their versions and events, the attributes, the bounds. */
import { readFileSync } from 'node:fs'
import {
  DERIVATION_ITERATIONS_MAX,
  FRESH_BYTES_MAX,
  PLAINTEXT_BYTES_MAX,
} from '../../packages/crypto-unit/src/protocol.ts'
import { attributeLimits } from '../../packages/server/src/kmip/attributes/attribute-values.ts'
import { type AttributeSpec, attributeSpecs } from '../../packages/server/src/kmip/attributes/attribute-spec.ts'
import { kmipLimits } from '../../packages/server/src/kmip/management/limits.ts'
import { BATCH_ITEMS_MAX } from '../../packages/server/src/kmip/message/request.ts'
import { materialBytesMax } from '../../packages/server/src/kmip/objects/key-block.ts'
import { objectTypes } from '../../packages/server/src/kmip/objects/kmip-object.ts'
import { advertised, operationOf } from '../../packages/server/src/kmip/operations/operations.ts'
import { newestVersion } from '../../packages/server/src/kmip/message/version.ts'
import { messageBytesMax, strangerBytesMax } from '../../packages/server/src/kmip/service.ts'
import { enumerationName, enumerationVersion } from '../../packages/server/src/kmip/ttlv/enumerations.ts'
import { code, table, withPart } from './markdown.ts'

/** The page with its tables written anew; what people wrote around them stays. */
export function kmipPage(): string {
  const page = readFileSync(new URL('../../docs/reference/kmip.md', import.meta.url), 'utf8')
  const parts = { operations: operationsTable(), attributes: attributesTable(), bounds: boundsTable() }
  return Object.entries(parts).reduce((text, [name, part]) => withPart(text, name, part), page)
}

const number = (value: number): string => value.toLocaleString('en-US')

function operationsTable(): string {
  return table(
    ['operation', 'number', 'since', 'event'],
    advertised.map((operation) => {
      const since = enumerationVersion('Operation', operation)
      const action = operationOf(operation, newestVersion)?.action
      return [
        words(enumerationName('Operation', operation) ?? ''),
        code(`0x${operation.toString(16).toUpperCase().padStart(2, '0')}`),
        `1.${since?.minor ?? 0}`,
        action === undefined ? 'only when it fails' : code(action),
      ]
    }),
  )
}

/** Names of enumerations are written together; the standard writes most of them apart. */
function words(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, ' ').replace('Re Key', 'Re-key')
}

function attributesTable(): string {
  const kinds = Object.entries(objectTypes)
  const objectsOf = (spec: AttributeSpec): string => {
    const names = kinds.filter(([, type]) => spec.appliesTo(type)).map(([name]) => words(name))
    return names.length === kinds.length ? 'all' : names.join(', ')
  }
  const mark = (is: boolean): string => (is ? 'yes' : '')
  return table(
    ['attribute', 'type', 'since', 'objects', 'given by clients', 'modified', 'deleted', 'several'],
    attributeSpecs.map((spec) => [
      spec.name,
      words(spec.type),
      `1.${spec.since}`,
      objectsOf(spec),
      mark(spec.isGivenByClient),
      mark(spec.isModifiable),
      mark(spec.isDeletable),
      mark(spec.hasInstances),
    ]),
  )
}

function boundsTable(): string {
  const kibibytes = (bytes: number): string => `${number(bytes / 1_024)} KiB`
  return table(
    ['what', 'at most'],
    [
      ['a message', kibibytes(messageBytesMax)],
      ['a message of a client that is not known', kibibytes(strangerBytesMax)],
      ['items of a message', number(BATCH_ITEMS_MAX)],
      ['data that are encrypted, signed or verified at once', kibibytes(PLAINTEXT_BYTES_MAX)],
      ['material of an object', kibibytes(materialBytesMax)],
      ['iterations of PBKDF2', number(DERIVATION_ITERATIONS_MAX)],
      ['length of a derived key, bits', number(FRESH_BYTES_MAX * 8)],
      ['adapters of an instance', number(kmipLimits.adaptersPerInstance)],
      ['client certificates of an adapter', number(kmipLimits.certificatesPerAdapter)],
      ['objects of an adapter that are not destroyed', number(kmipLimits.objectsPerAdapter)],
      ['attributes of an object', number(attributeLimits.instances)],
      ['of them a client’s own (`x-…`)', number(attributeLimits.customInstances)],
      [
        'bytes of an attribute’s name; of its value; of all of an object',
        [attributeLimits.nameBytes, attributeLimits.valueBytes, attributeLimits.totalBytes].map(number).join('; '),
      ],
    ],
  )
}
