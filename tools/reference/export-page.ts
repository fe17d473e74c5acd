/** The page `docs/reference/export.md`: the request, its forms, the columns, and how names become those of strict CADF. */
import { cadfActionOf, cadfTargetOf, catalogue, csvColumns } from '@keywitness/cadf'
import { code, page, table } from './markdown.ts'

export function exportPage(): string {
  const current = catalogue.all().filter(({ retired }) => retired !== true)
  const targets = [...new Set(current.map(({ typeURI }) => typeURI))].toSorted()
  return page([
    '# Export',
    'Columns and mappings are made from the code by `npm run generate`; a test fails when this page is stale.',
    '## The request',
    [
      '`GET /v1/trackers/{location}/export` answers every event that matches, oldest first, as one stream of any size. It takes the',
      'filters of `…/events`, and:',
    ].join('\n'),
    table(
      ['parameter', 'meaning'],
      [
        ['`format`', '`jsonl` (default), `csv`, `cadf`, or [`evidence`](evidence.md)'],
        [
          '`size`',
          'size of the checkpoint to stand on; the newest when not given. It must have been kept: one that an export stood on is',
        ],
        ['`first`, `last`', 'lowest and highest index wanted'],
        ['`now`', 'when relative times count from, RFC 3339; the moment of the request when not given'],
        ['`after`', 'goes on behind the row of this index; needs `size`. Not for evidence'],
      ],
    ),
    [
      'The answer stands on one checkpoint, and holds events of a lower index than its size only. The headers name it:',
      '`Keywitness-Log-Origin`, `Keywitness-Checkpoint-Size`, `Keywitness-Checkpoint-Root`, and `Keywitness-Checkpoint`, its whole',
      'signed note in base64, unless that is over 4 KiB (`…/log/checkpoints/{size}` has it always). `Keywitness-Now` is what relative',
      'times counted from. The same query with the same `size` and `now` is the same to the byte, whenever it is asked.',
    ].join('\n'),
    [
      'An answer that is complete ends as HTTP/1.1 ends one (the last chunk); whatever keeps it from being complete breaks the',
      'connection. Then every row that ended with its line end is whole, and the rest is asked for with `size`, `now` and',
      '`after=` the index of the last of them. What is then answered goes behind what one has, byte for byte.',
    ].join('\n'),
    [
      'An account may have two exports under way at a time; one more is refused with 429. They need the role Auditor of the tracker, for',
      'as long as they take: it is asked again before each page.',
    ].join('\n'),
    '## Its events',
    [
      'An export is two events `activity-tracker.events.export` of one correlation id: one with outcome `pending` before the first',
      'byte leaves, and one when it has ended, with the count of rows, the last index, and how it ended (`complete`, `client-left`,',
      '`not-allowed`, `shutting-down`, `failed`). The last byte leaves after the second is durable. Rows are counted when they are',
      'handed to the connection: a client that left may have had fewer. See [the decision](../decisions/0009-export-events.md).',
    ].join('\n'),
    '## Lines of JSON',
    [
      '`application/x-ndjson`, one entry a line: `{"index":…,` the members of the entry as the log has them `,"leafHash":"…"}`. Without',
      'these two members the line is the exact entry, whose SHA-256 behind a zero byte is the leaf hash. Bytes that are no JSON object',
      'on one line, as no entry of a producer is, stand there whole as `"entry64"`, in base64.',
    ].join('\n'),
    '## Comma-separated values',
    [
      '`text/csv`, RFC 4180, UTF-8 without byte order mark, lines ended by CR LF, names in the first. In a spreadsheet import it as UTF-8',
      'with the comma as the only separator. The columns are a contract: new ones come at the end, none is renamed or moved.',
    ].join('\n'),
    table(
      ['column', 'meaning'],
      csvColumns.map(({ name, meaning }) => [code(name), meaning]),
    ),
    [
      'What an event does not have is an empty cell. No cell is a formula: one that begins with `=`, `+`, `-`, `@` (also in full',
      'width), tab, CR or LF gets an apostrophe before it. Control characters and those that turn the direction of text are written',
      '`\\u001b`, so that a row is one line and nothing in it acts on a terminal. For the exact bytes take lines of JSON.',
    ].join('\n'),
    '## Strict CADF',
    [
      '`application/x-ndjson`, one event record of DMTF DSP0262 1.0.0 a line. The events of the log are IBM’s dialect of CADF, whose names',
      'are not in the standard’s taxonomies; here they are mapped, and nothing is lost:',
    ].join('\n'),
    table(
      ['CADF', 'from'],
      [
        ['`eventTime`', '`eventTime`, with the colon in the offset that the standard demands'],
        ['`action`', 'the verb, by the table below'],
        ['`initiator`', 'id, type, name, host. No credential: CADF demands a token in it, and none is ever recorded'],
        ['`target`', 'id, name, host; its type by the table below'],
        ['`observer`', 'the service that logged: id `logSourceCRN`, name `ActivityTracker`'],
        ['`reason`', '`reasonCode` as text, `reasonType` the registry of HTTP status codes'],
        ['`name`', '`message`'],
        ['`tags`', '`correlation_id`, `log_index`, `leaf_hash`, each `name?value=` with the value percent-encoded'],
        [
          '`attachments`',
          '`requestData`, `responseData`, and `activityTracker`: every member that CADF has no place for',
        ],
        ['`reporterchain`', 'one step `relay`: the log, by its origin'],
      ],
    ),
    [
      'Attachments name their type in `typeURI` and in `contentType`: the text of the standard has the one, its tables have the other.',
      'The records are held to pycadf 3.1.1 and to a checker of our own that also enforces what pycadf lets pass: the form of times,',
      'taxonomies extended at a `/` only, a reason for `control` and measurements for `monitor` events.',
    ].join('\n'),
    '### Actions',
    table(
      ['action', 'CADF action'],
      current.map(({ action }) => [code(action), code(cadfActionOf(action))]),
    ),
    '### Targets',
    table(
      ['target.typeURI', 'CADF resource'],
      targets.map((typeURI) => [code(typeURI), code(cadfTargetOf(typeURI))]),
    ),
  ])
}
