/** Events of what people are told of: rules, calendars and mutes, each with before and after. Ours. */
import type { EntrySpec, ExplanationSpec, FamilySpec, FieldSpec } from './entry.ts'
import { totalResources } from './keeping.ts'

const ours = { severitySource: 'assigned', dataEvent: false, explanations: [], source: 'extension' } as const
const rules = { ...ours, object: 'rule', typeURI: 'activity-tracker/rule' } as const satisfies Partial<EntrySpec>
const calendars = {
  ...ours,
  object: 'calendar',
  typeURI: 'activity-tracker/calendar',
} as const satisfies Partial<EntrySpec>
const mutes = { ...ours, object: 'mute', typeURI: 'activity-tracker/mute' } as const satisfies Partial<EntrySpec>

/** Characters of a rule or calendar as canonical JSON that an event holds. */
const jsonMax = 8_000

export const rule = {
  name: 'rule',
  type: 'identifier',
  meaning: 'The rule, by its id.',
  when: 'it is about one',
  source: 'extension',
} as const satisfies FieldSpec
const version = {
  name: 'ruleVersion',
  type: 'integer',
  meaning: 'Which version of the rule this makes.',
  source: 'extension',
} as const satisfies FieldSpec
const reason = {
  name: 'reason',
  type: 'name',
  max: 500,
  meaning: 'Why, in the words of whoever did it.',
  when: 'one was given',
  source: 'extension',
} as const satisfies FieldSpec

const json = <const Name extends string, const When extends string>(name: Name, meaning: string, when: When) =>
  ({ name, type: 'name', max: jsonMax, meaning, when, source: 'extension' }) as const satisfies FieldSpec

const ruleBefore = json('initialValue.rule', 'The rule before, as canonical JSON without its lists.', 'there was one')
const ruleAfter = json('newValue.rule', 'The rule afterwards, as canonical JSON without its lists.', 'there is one')
const listsBefore = {
  name: 'initialValue.lists',
  type: 'sha256',
  meaning: 'SHA-256 of the canonical JSON of the lists before.',
  when: 'there were some',
  source: 'extension',
} as const satisfies FieldSpec
const listsAfter = {
  name: 'newValue.lists',
  type: 'sha256',
  meaning: 'SHA-256 of the canonical JSON of the lists afterwards.',
  when: 'there are some',
  source: 'extension',
} as const satisfies FieldSpec
const enabled = [
  {
    name: 'initialValue.ruleEnabled',
    type: 'boolean',
    meaning: 'Whether the rule was on before.',
    source: 'extension',
  },
  { name: 'newValue.ruleEnabled', type: 'boolean', meaning: 'Whether the rule is on now.', source: 'extension' },
] as const satisfies readonly FieldSpec[]

const silent = {
  when: { outcome: 'success' },
  meaning: 'From now on nobody is told of what this rule watches for; what happens is still recorded.',
  remedy: 'If nobody announced it, ask who did it why, and turn the rule on again.',
  call: 'keywitness rules enable',
  source: 'extension',
} as const satisfies ExplanationSpec
const outdated = {
  when: { outcome: 'failure', codes: [409] },
  meaning: 'Somebody else changed it meanwhile.',
  remedy: 'Read it again and decide on what it is now.',
  source: 'extension',
} as const satisfies ExplanationSpec

export const rulesAndMutes = {
  'activity-tracker.rule.list': {
    ...rules,
    title: 'List rules, or the versions of one.',
    verb: 'list',
    severity: 'normal',
    phrase: { did: 'listed', to: 'list', what: 'rules[ of {name}]' },
    request: [rule],
    response: [totalResources],
  },
  'activity-tracker.rule.read': {
    ...rules,
    title: 'Read a rule.',
    verb: 'read',
    severity: 'normal',
    phrase: { did: 'read', to: 'read', what: 'the rule[ {request.rule}]' },
    request: [rule],
    response: [],
  },
  'activity-tracker.rule.create': {
    ...rules,
    title: 'Create a rule. It begins turned off.',
    verb: 'create',
    severity: 'warning',
    phrase: { did: 'created', to: 'create', what: 'the rule[ {request.rule}]' },
    request: [rule, ruleAfter, listsAfter],
    response: [version],
  },
  'activity-tracker.rule.update': {
    ...rules,
    title: 'Change a rule.',
    verb: 'update',
    severity: 'warning',
    phrase: { did: 'changed', to: 'change', what: 'the rule[ {request.rule}]' },
    request: [rule, ruleBefore, listsBefore, ruleAfter, listsAfter],
    response: [version],
    explanations: [outdated],
  },
  'activity-tracker.rule.delete': {
    ...rules,
    title: 'Delete a rule. Its versions stay.',
    verb: 'delete',
    severity: 'warning',
    phrase: { did: 'deleted', to: 'delete', what: 'the rule[ {request.rule}][: {request.reason}]' },
    request: [rule, reason, ruleBefore, listsBefore],
    response: [],
    explanations: [silent],
  },
  'activity-tracker.rule.enable': {
    ...rules,
    title: 'Turn a rule on.',
    verb: 'enable',
    severity: 'warning',
    phrase: { did: 'turned on', to: 'turn on', what: 'the rule[ {request.rule}]' },
    request: [rule, reason, ...enabled],
    response: [],
  },
  'activity-tracker.rule.disable': {
    ...rules,
    title: 'Turn a rule off.',
    verb: 'disable',
    severity: 'warning',
    phrase: { did: 'turned off', to: 'turn off', what: 'the rule[ {request.rule}][: {request.reason}]' },
    request: [rule, reason, ...enabled],
    response: [],
    explanations: [silent],
  },
  'activity-tracker.rule.suspend': {
    ...rules,
    title: 'A rule was suspended by the server: it took too long, or could not go on.',
    verb: 'suspend',
    severity: 'critical',
    phrase: { did: 'suspended', to: 'suspend', what: 'the rule[ {request.rule}][: {request.reason}]' },
    request: [rule, reason, ...enabled],
    response: [],
    explanations: [
      {
        when: { outcome: 'success' },
        meaning: 'The rule held up all others, so it is not evaluated any more: nobody is told of what it watches for.',
        remedy: 'Make its query narrower (name the actions it is about), test it, and turn it on again.',
        call: 'keywitness rules test',
        source: 'extension',
      },
    ],
  },
  'activity-tracker.rule.test': {
    ...rules,
    title: 'Test a rule against what was recorded.',
    verb: 'test',
    severity: 'normal',
    phrase: {
      did: 'tested',
      to: 'test',
      what: 'the rule[ {request.rule}] against the trail[ ({response.firings} alerts)]',
    },
    request: [rule],
    response: [
      totalResources,
      { name: 'firings', type: 'integer', meaning: 'How often it would have fired.', source: 'extension' },
    ],
  },
  'activity-tracker.rule.export': {
    ...rules,
    title: 'Export all rules and calendars.',
    verb: 'export',
    severity: 'normal',
    phrase: { did: 'exported', to: 'export', what: '[{response.totalResources} ]rules' },
    request: [],
    response: [totalResources],
  },
  'activity-tracker.rule.import': {
    ...rules,
    title: 'Import rules and calendars: each that changes has an event of its own beside this.',
    verb: 'import',
    severity: 'warning',
    phrase: {
      did: 'imported',
      to: 'import',
      what: 'rules',
      details: [
        '{response.created} created',
        '{response.updated} changed',
        '{response.removed} removed',
        '{request.reason}',
      ],
    },
    request: [
      reason,
      {
        name: 'mode',
        type: 'enum',
        values: ['add', 'replace', 'pack'],
        meaning: 'Whether other rules stay, go, or these are those that the product ships.',
        source: 'extension',
      },
    ],
    response: [
      { name: 'created', type: 'integer', meaning: 'Rules that are new.', source: 'extension' },
      { name: 'updated', type: 'integer', meaning: 'Rules that changed.', source: 'extension' },
      { name: 'removed', type: 'integer', meaning: 'Rules that went.', source: 'extension' },
      { name: 'unchanged', type: 'integer', meaning: 'Rules that stay what they were.', source: 'extension' },
    ],
  },
  'activity-tracker.calendar.list': {
    ...calendars,
    title: 'List calendars.',
    verb: 'list',
    severity: 'normal',
    phrase: { did: 'listed', to: 'list', what: 'calendars[ of {name}]' },
    request: [],
    response: [totalResources],
  },
  'activity-tracker.calendar.update': {
    ...calendars,
    title: 'Set a calendar: the hours in which people work.',
    verb: 'update',
    severity: 'warning',
    phrase: { did: 'set', to: 'set', what: 'the calendar[ {request.calendar}]' },
    request: [
      { name: 'calendar', type: 'identifier', meaning: 'The calendar, by its id.', source: 'extension' },
      json('initialValue.calendar', 'The calendar before, as canonical JSON.', 'there was one'),
      json('newValue.calendar', 'The calendar afterwards, as canonical JSON.', 'it could be read'),
    ],
    response: [],
  },
  'activity-tracker.calendar.delete': {
    ...calendars,
    title: 'Delete a calendar.',
    verb: 'delete',
    severity: 'warning',
    phrase: { did: 'deleted', to: 'delete', what: 'the calendar[ {request.calendar}]' },
    request: [
      { name: 'calendar', type: 'identifier', meaning: 'The calendar, by its id.', source: 'extension' },
      json('initialValue.calendar', 'The calendar before, as canonical JSON.', 'there was one'),
    ],
    response: [],
  },
  'activity-tracker.mute.list': {
    ...mutes,
    title: 'List mutes.',
    verb: 'list',
    severity: 'normal',
    phrase: { did: 'listed', to: 'list', what: 'mutes[ of {name}]' },
    request: [],
    response: [totalResources],
  },
  'activity-tracker.mute.create': {
    ...mutes,
    title: 'Mute alerts for a while: they are still raised, and nobody is told.',
    verb: 'create',
    severity: 'warning',
    phrase: {
      did: 'muted',
      to: 'mute',
      what: '[alerts of {request.rule}|alerts]',
      details: ['{request.reason}', 'until {request.expirationDate}'],
    },
    request: [
      rule,
      reason,
      {
        name: 'query',
        type: 'name',
        max: 2000,
        meaning: 'Which alerts, by the events behind them.',
        when: 'not every alert of the rule',
        source: 'extension',
      },
      { name: 'expirationDate', type: 'date', meaning: 'When it ends by itself.', source: 'extension' },
    ],
    response: [{ name: 'mute', type: 'uuid', meaning: 'The mute, by its id.', source: 'extension' }],
    explanations: [
      {
        when: { outcome: 'success' },
        meaning: 'Until then nobody is told of these alerts; they are listed as muted.',
        remedy: 'If nobody announced it, ask who did it why, and end it.',
        call: 'keywitness alerts mutes',
        source: 'extension',
      },
    ],
  },
  'activity-tracker.mute.delete': {
    ...mutes,
    title: 'End a mute before its time.',
    verb: 'delete',
    severity: 'warning',
    phrase: { did: 'ended', to: 'end', what: 'a mute[: {request.reason}]' },
    request: [{ name: 'mute', type: 'uuid', meaning: 'The mute, by its id.', source: 'extension' }, rule, reason],
    response: [],
  },
  'activity-tracker.mute.lapse': {
    ...mutes,
    title: 'A mute ended by itself.',
    verb: 'lapse',
    severity: 'normal',
    phrase: { did: 'ended', to: 'end', what: 'a mute whose time was over[: {response.muted} alerts were muted]' },
    request: [{ name: 'mute', type: 'uuid', meaning: 'The mute, by its id.', source: 'extension' }, rule],
    response: [
      { name: 'muted', type: 'integer', meaning: 'Alerts nobody was told of meanwhile.', source: 'extension' },
    ],
  },
} as const satisfies FamilySpec
