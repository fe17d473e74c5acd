/** The page `docs/reference/events.md`: every action with its fields, words and explanations. */
import {
  type CatalogueEntry,
  type ExplanationSpec,
  type FieldSpec,
  catalogue,
  familyExplanations,
  generalExplanations,
  harmlessParameters,
  listBytesMax,
  listItemsMax,
  requestUriMax,
  textMax,
} from '@keywitness/cadf'
import { families } from './families.ts'
import { code, page, table } from './markdown.ts'

const sources = {
  seed: 'documented',
  'severity-table': 'severity table only',
  historical: 'renamed actions only',
  extension: 'ours',
} as const satisfies Record<CatalogueEntry['source'], string>

const factSources = {
  seed: 'documented',
  'key-protect': 'Key Protect',
  extension: 'ours',
} as const satisfies Record<FieldSpec['source'], string>

const meanings = {
  uuid: 'a UUID',
  integer: 'a whole number',
  boolean: '`true` or `false`',
  date: 'a date and time of RFC 3339',
  crn: 'a Cloud Resource Name of at most 512 characters',
  sha256: '64 hexadecimal digits',
  'sha256[]': 'a list of those',
  enum: 'one of the listed values',
  identifier: 'at most 128 of the characters `A–Z a–z 0–9 . _ : @ / + -`',
  'identifier[]': 'a list of those',
  'p521-public-key': 'base64 of a public key of P-521 (SubjectPublicKeyInfo with an uncompressed point)',
  'p521-signature': 'base64 of a signature by such a key (ECDSA-Sig-Value)',
  name: 'text of bounded length, without control characters',
} as const satisfies Record<FieldSpec['type'], string>

export function eventsPage(): string {
  return page([
    '# Events',
    'Made from the catalogue (`packages/cadf/src/catalogue/`) by `npm run generate`; a test fails when this page is stale.',
    introduction(),
    '## Types of fields',
    'A value outside the type of its field cannot become part of an event: that is how secrets are kept out. There is no filter that could be passed by.',
    table(
      ['type', 'values'],
      Object.entries(meanings).map(([type, meaning]) => [code(type), meaning]),
    ),
    `A list of more than ${listItemsMax} items, and the longest of lists that have more than ${listBytesMax / 1024} KiB together, stands as \`{sha256, bytes, count, first}\`. The whole list is kept beside the event as an attachment: canonical JSON, under the SHA-256 that the event bears, so that whoever proves the event has proved the list (\`GET /v1/trackers/{location}/events/{id}/attachments/{sha256}\`, \`keywitness events attachment\`).`,
    '### Where text may stand',
    textSlots(),
    '## Actions',
    ...families().flatMap(({ title, entries }) => [`### ${title}`, ...entries.map(entrySection)]),
    '## What a status code means in a family',
    'Said when the action has no explanation of its own.',
    ...families().flatMap(({ title, entries }) => {
      const specs = familyExplanations[entries[0]?.family ?? 'key'] ?? []
      return specs.length === 0 ? [] : [`### Failures: ${title}`, table(explanationHead, specs.map(explanationRow))]
    }),
    '## What a status code means for any action',
    'Said when neither the action nor its family has an explanation.',
    table(explanationHead, generalExplanations.map(explanationRow)),
    '## Former names',
    'Both names find the events of both.',
    table(
      ['former name', 'current name'],
      catalogue.all().flatMap(({ action, formerNames }) => formerNames.map((former) => [code(former), code(action)])),
    ),
  ])
}

function introduction(): string {
  const all = catalogue.all()
  const count = (source: CatalogueEntry['source']): number => all.filter((entry) => entry.source === source).length
  return [
    `${all.length} actions: ${count('seed')} documented as supported by IBM, ${count('severity-table')} documented in the severity table only,`,
    `${count('historical')} documented as the current names of renamed events only, and ${count('extension')} of ours.`,
    'Every event has `requestData.requestURI`, `requestData.instanceID` and `correlationId` where the call has them (Trusted Key',
    'Entry events have no `correlationId`); of the query of the URI only these parameters stay:',
    `${Object.keys(harmlessParameters).map(code).join(', ')}, each in its own plain form. Fields are promised for successful calls only; a dot in a name is an object in the event.`,
  ].join('\n')
}

function textSlots(): string {
  const slots = catalogue
    .all()
    .flatMap((entry) =>
      (['request', 'response'] as const).flatMap((side) =>
        entry[side]
          .filter(({ type }) => type === 'name')
          .map((field) => [`${side}Data.${field.name}`, field.type === 'name' ? field.max : 0, entry.action] as const),
      ),
    )
  const names = [...new Set(slots.map(([name]) => name))].sort()
  const rows = names.map((name) => {
    const own = slots.filter(([other]) => other === name)
    return [
      code(name),
      String(Math.max(...own.map(([, max]) => max))),
      own.map(([, , action]) => code(action)).join(', '),
    ]
  })
  return page([
    'These hold what a person chose or wrote, so a type cannot tell a secret from a name. They are bounded; the service puts nothing secret there.',
    table(
      ['member', 'characters', 'actions'],
      [
        [code('initiator.name'), String(textMax.name), 'all'],
        [code('initiator.authnName'), String(textMax.name), 'all'],
        [code('initiator.host.agent'), String(textMax.agent), 'all; what the client calls itself'],
        [code('target.name'), String(textMax.name), 'all; also in `message`'],
        [
          code('reason.reasonForFailure'),
          String(textMax.reasonForFailure),
          'failures; a sentence of the service, never what the caller sent',
        ],
        [code('correlationId'), '128', 'all but Trusted Key Entry; visible characters, may come from the client'],
        [
          code('requestData.requestURI'),
          String(requestUriMax),
          'all; path as the client sent it, query cut to the list above',
        ],
        ...rows,
      ],
    ),
    'An `identifier` may hold 128 characters of an alphabet in which keys are written too, and 32 bytes in hexadecimal look like a SHA-256.',
  ]).trimEnd()
}

function entrySection(entry: CatalogueEntry): string {
  const facts = [
    `${entry.title.replace(/\.$/, '')}. Source: ${sources[entry.source]}.`,
    `Target \`${entry.typeURI}\`, ${entry.dataEvent ? 'data' : 'management'} event, severity ${entry.severity}.`,
    `Message \`Keywitness: ${entry.verb} ${entry.object} <name>\`.`,
    ...(entry.retired === true ? ['Never emitted; kept so that old events are understood.'] : []),
  ]
  return page([
    `#### ${code(entry.action)}`,
    facts.join(' '),
    table(
      ['field', 'type', 'meaning', 'when', 'source'],
      [
        ...entry.request.map((field) => fieldRow('requestData', field)),
        ...entry.response.map((field) => fieldRow('responseData', field)),
      ],
    ),
    table(
      ['variant', 'meaning', 'severity', 'told by'],
      (entry.variants ?? []).map(({ name, meaning, severity, when }) => [
        name,
        meaning,
        severity,
        `${code(`requestData.${when.request}`)}: ${when.values.join(', ')}`,
      ]),
    ),
    table(explanationHead, entry.explanations.map(explanationRow)),
  ]).trimEnd()
}

function fieldRow(side: string, field: FieldSpec): string[] {
  const type = field.type === 'enum' ? field.values.map(code).join(', ') : field.type
  const meaning = field.here === undefined ? field.meaning : `${field.meaning} **Here:** ${field.here}`
  return [code(`${side}.${field.name}`), type, meaning, field.when ?? 'success', factSources[field.source]]
}

const explanationHead = ['when', 'what it means', 'what to do', 'call that tells more', 'source'] as const

function explanationRow({ when, meaning, remedy, call, source }: ExplanationSpec): string[] {
  const conditions = [
    when.outcome ?? '',
    (when.codes ?? []).join(', '),
    (when.refusals ?? []).map(code).join(' or '),
    ...Object.entries(when.equal ?? {}).map(([name, value]) => `${code(name)} is ${value}`),
    ...(when.present ?? []).map((name) => `with ${code(name)}`),
    ...(when.absent ?? []).map((name) => `without ${code(name)}`),
  ]
  return [
    conditions.filter((condition) => condition !== '').join(', ') || 'always',
    meaning,
    remedy,
    call === undefined ? '' : code(call),
    factSources[source],
  ]
}
