/** What is wrong with a log when it is not the log this browser verified before: the loudest thing in the product. */

export const alarmKinds = [
  /** The log's verifier key is not the one first seen. */
  'key-changed',
  /** A checkpoint that the remembered key did not sign. */
  'bad-signature',
  /** The location is served from a log of another name. */
  'other-origin',
  /** Fewer entries than were verified: some were removed. */
  'smaller',
  /** As many or more entries, but not those that were verified. */
  'inconsistent',
  /** An entry whose bytes do not lead to the signed root: it was changed, swapped or never in the log. */
  'not-in-log',
  /** An event shown in the list that differs from the entry the log proves. */
  'row-differs',
] as const

export type AlarmKind = (typeof alarmKinds)[number]

/** One side of the contradiction. */
export interface AlarmEvidence {
  readonly origin?: string
  readonly size?: number
  /** Base64. */
  readonly root?: string
  readonly key?: string
  /** The signed note, verbatim. */
  readonly note?: string
  /** RFC 3339. */
  readonly at?: string
}

export interface LogAlarm {
  readonly kind: AlarmKind
  /** RFC 3339. */
  readonly raisedAt: string
  readonly origin: string
  /** What this browser had verified. */
  readonly known: AlarmEvidence
  /** What the server offers now. */
  readonly seen: AlarmEvidence
  /** The entry at fault, where there is one. */
  readonly index?: number
}

/** The evidence as a text file: both sides with their signed notes, so that somebody else can check them. */
export function alarmFile(alarm: LogAlarm): string {
  const side = (title: string, evidence: AlarmEvidence): string[] => [
    title,
    ...(evidence.at === undefined ? [] : [`at: ${evidence.at}`]),
    ...(evidence.origin === undefined ? [] : [`origin: ${evidence.origin}`]),
    ...(evidence.size === undefined ? [] : [`size: ${evidence.size}`]),
    ...(evidence.root === undefined ? [] : [`root: ${evidence.root}`]),
    ...(evidence.key === undefined ? [] : [`key: ${evidence.key}`]),
    ...(evidence.note === undefined ? [] : ['signed checkpoint, verbatim:', '', evidence.note]),
    '',
  ]
  return [
    'Keywitness log alarm',
    `kind: ${alarm.kind}`,
    `raised: ${alarm.raisedAt}`,
    `log: ${alarm.origin}`,
    ...(alarm.index === undefined ? [] : [`entry: ${alarm.index}`]),
    '',
    ...side('--- known to this browser', alarm.known),
    ...side('--- offered by the server', alarm.seen),
  ].join('\n')
}
