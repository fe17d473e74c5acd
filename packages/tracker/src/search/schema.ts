/** The search tables, the same inside a sealed segment and, once per future segment, in the index of the head. */

/** Search columns with the member of a query that each serves. */
const searchColumns = [
  'id',
  'action',
  'outcome',
  'severity',
  'initiator',
  'target',
  'instance',
  'correlationId',
  'keyId',
  'reasonCode',
] as const

export type SearchColumn = (typeof searchColumns)[number]

/** Names of the tables of one stretch of the log; a suffix tells the stretches of one file apart. */
export interface SearchTables {
  readonly event: string
  readonly words: string
  readonly minute: string
  readonly value: string
  /** Index that finds by one column, where there is one. */
  readonly by: Readonly<Partial<Record<SearchColumn, string>>>
  /** Whether entries are still being added: then nothing is kept that costs at each of them and is quickly made at once. */
  readonly isGrowing: boolean
}

/** The tables of a sealed segment. */
export const sealedTables: SearchTables = {
  ...namesOf(''),
  by: {
    id: 'event_id',
    action: 'event_action',
    outcome: 'event_outcome',
    severity: 'event_severity',
    initiator: 'event_initiator',
    target: 'event_target',
    instance: 'event_instance',
    correlationId: 'event_correlation',
    keyId: 'event_key',
  },
  isGrowing: false,
}

/** The tables of the stretch of the head that begins with an entry. */
export function growingTables(first: number): SearchTables {
  return { ...namesOf(`_${first}`), by: {}, isGrowing: true }
}

function namesOf(suffix: string): Omit<SearchTables, 'by' | 'isGrowing'> {
  return { event: `event${suffix}`, words: `words${suffix}`, minute: `minute${suffix}`, value: `value${suffix}` }
}

/** Columns whose values stand in the dictionary too, with their bit in `value.columns`. */
export const valueColumns = {
  action: 1,
  outcome: 2,
  severity: 4,
  initiator: 8,
  target: 16,
  instance: 32,
  keyId: 64,
} as const satisfies Partial<Record<SearchColumn, number>>

export type ValueColumn = keyof typeof valueColumns

/** A row of the dictionary that stands for: some text is not in it, because another has the same code. */
export const incompleteCode = 0

/**
 * `event.entry` is the entry's index in the log. Columns hold column codes, `reasonCode` and `time` themselves. Full
 * text keeps no text (contentless) and no positions (detail=none). `minute` counts events by minute, and says between
 * which indexes those of a minute lie. `value` is the dictionary: which text a code stands for, in which columns, and
 * the text in lower case (null in a growing stretch where that is the text itself). Where it is whole, a code means one text, and what columns say is exact.
 *
 * While a stretch grows, its values stand in the order in which they came: in the order of codes each new one would
 * dirty a page of its own.
 */
export function createTables(tables: SearchTables): string {
  const { event, words, minute, value, isGrowing } = tables
  return `
  CREATE TABLE ${event} (
    entry INTEGER PRIMARY KEY,
    time INTEGER,
    id INTEGER,
    action INTEGER,
    outcome INTEGER,
    severity INTEGER,
    initiator INTEGER,
    target INTEGER,
    instance INTEGER,
    correlationId INTEGER,
    keyId INTEGER,
    reasonCode INTEGER
  ) STRICT;
  CREATE VIRTUAL TABLE ${words} USING fts5(word, content='', detail=none, columnsize=0, tokenize='ascii');
  CREATE TABLE ${minute} (
    minute INTEGER NOT NULL,
    severity TEXT NOT NULL,
    outcome TEXT NOT NULL,
    count INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (minute, severity, outcome)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE ${value} (
    code INTEGER ${isGrowing ? 'NOT NULL UNIQUE' : 'PRIMARY KEY'},
    columns INTEGER NOT NULL,
    text TEXT NOT NULL,
    folded TEXT${isGrowing ? '' : ' NOT NULL'}
  ) STRICT;
  ${isGrowing ? mergeSeldom(words) : ''}`
}

/** Sealing merges full text once and for all: what is merged before that, is so that a search has few places to look. */
function mergeSeldom(words: string): string {
  return `INSERT INTO ${words} (${words}, rank) VALUES ('automerge', 0), ('crisismerge', 64);`
}

/**
 * The indexes, each over one column: equal values of it are then in the order of entries, which is the order of
 * answers. Made at once after all entries they cost a tenth. A growing stretch has none: going over all of its narrow
 * rows takes a few milliseconds.
 */
export function createIndexes({ event, by, value, isGrowing }: SearchTables): string {
  if (isGrowing) return ''
  return [
    ...Object.entries(by).map(([column, index]) => `CREATE INDEX ${index} ON ${event} (${column});`),
    `CREATE INDEX ${value}_folded ON ${value} (folded);`,
  ].join('\n')
}

/** The text in lower case, as SQL over a row of the dictionary. */
export function foldedText({ isGrowing }: SearchTables): string {
  return isGrowing ? 'coalesce(folded, text)' : 'folded'
}

export function dropTables({ event, words, minute, value }: SearchTables): string {
  return [event, words, minute, value].map((table) => `DROP TABLE IF EXISTS ${table};`).join(' ')
}
