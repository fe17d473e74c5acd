/** Events of alerts and of the channels that tell them: every step of an alert's life is one. Ours. */
import type { EntrySpec, FamilySpec, FieldSpec, VariantSpec } from './entry.ts'
import { totalResources } from './keeping.ts'
import { rule } from './rule.ts'

const ours = { severitySource: 'assigned', dataEvent: false, explanations: [], source: 'extension' } as const
const alerts = { ...ours, object: 'alert', typeURI: 'activity-tracker/alert' } as const satisfies Partial<EntrySpec>
const channels = {
  ...ours,
  object: 'channel',
  typeURI: 'activity-tracker/channel',
} as const satisfies Partial<EntrySpec>

const alert = {
  name: 'alert',
  type: 'uuid',
  meaning: 'The alert, by its id.',
  when: 'it is about one',
  source: 'extension',
} as const satisfies FieldSpec
const comment = {
  name: 'comment',
  type: 'name',
  max: 1000,
  meaning: 'What whoever did it has to say.',
  when: 'something was said',
  source: 'extension',
} as const satisfies FieldSpec
const states = [
  {
    name: 'initialValue.state',
    type: 'enum',
    values: ['open', 'acknowledged', 'closed'],
    meaning: 'State of the alert before.',
    source: 'extension',
  },
  {
    name: 'newValue.state',
    type: 'enum',
    values: ['open', 'acknowledged', 'closed'],
    meaning: 'State of the alert afterwards.',
    source: 'extension',
  },
] as const satisfies readonly FieldSpec[]

const raised = [
  rule,
  {
    name: 'alertSeverity',
    type: 'enum',
    values: ['info', 'warning', 'critical'],
    meaning: 'How severe the rule takes it to be.',
    source: 'extension',
  },
  {
    name: 'firstIndex',
    type: 'integer',
    meaning: 'Index of the first event behind it.',
    when: 'events are behind it',
    source: 'extension',
  },
  {
    name: 'lastIndex',
    type: 'integer',
    meaning: 'Index of the last event behind it.',
    when: 'events are behind it',
    source: 'extension',
  },
  { name: 'count', type: 'integer', meaning: 'How often the rule fired.', source: 'extension' },
  {
    name: 'isMuted',
    type: 'boolean',
    meaning: 'Whether nobody was told because it was muted.',
    source: 'extension',
  },
] as const satisfies readonly FieldSpec[]

const bySeverity = (severities: readonly ('warning' | 'critical')[]) =>
  severities.map((severity) => ({
    name: `${severity}-alert`,
    meaning: `The rule takes it to be ${severity}.`,
    severity,
    severitySource: 'assigned',
    when: { request: 'alertSeverity', values: [severity] },
  })) satisfies readonly VariantSpec[]

const channel = {
  name: 'channel',
  type: 'identifier',
  meaning: 'The channel, by its id.',
  source: 'extension',
} as const satisfies FieldSpec
const kind = {
  name: 'channelKind',
  type: 'enum',
  values: ['email', 'slack', 'teams', 'pagerduty', 'webhook', 'syslog'],
  meaning: 'What kind of channel it is.',
  source: 'extension',
} as const satisfies FieldSpec
const settings = <const Side extends 'initialValue' | 'newValue'>(side: Side) =>
  ({
    name: `${side}.channelSettings`,
    type: 'name',
    max: 8_000,
    meaning: `The channel ${side === 'initialValue' ? 'before' : 'afterwards'}, as canonical JSON without its secrets.`,
    when: side === 'initialValue' ? 'there was one' : 'there is one',
    source: 'extension',
  }) as const satisfies FieldSpec
const messageId = {
  name: 'messageId',
  type: 'uuid',
  meaning: 'The message, by its id.',
  source: 'extension',
} as const satisfies FieldSpec

export const alertsAndChannels = {
  'activity-tracker.alert.list': {
    ...alerts,
    title: 'List alerts, or read how alerting is.',
    verb: 'list',
    severity: 'normal',
    phrase: { did: 'listed', to: 'list', what: 'alerts[ of {name}][ ({response.totalResources} found)]' },
    request: [],
    response: [totalResources],
  },
  'activity-tracker.alert.read': {
    ...alerts,
    title: 'Read an alert.',
    verb: 'read',
    severity: 'normal',
    phrase: { did: 'read', to: 'read', what: 'an alert[ of {name}]' },
    request: [alert],
    response: [],
  },
  'activity-tracker.alert.raise': {
    ...alerts,
    title: 'A rule fired: an alert was raised.',
    verb: 'raise',
    severity: 'normal',
    phrase: { did: 'raised', to: 'raise', what: 'an alert[: {name}]' },
    request: raised,
    response: [alert],
    variants: bySeverity(['warning', 'critical']),
    explanations: [
      {
        when: { outcome: 'success' },
        meaning: 'What a rule watches for has happened. Whoever is to be told is being told.',
        remedy:
          'Look at the alert, the events behind it and what the rule says to do; acknowledge it, so that others know.',
        call: 'keywitness alerts show',
        source: 'extension',
      },
    ],
  },
  'activity-tracker.alert.repeat': {
    ...alerts,
    title: 'A rule fired again: it was added to the alert that is open.',
    verb: 'repeat',
    severity: 'normal',
    phrase: {
      did: 'added to',
      to: 'add to',
      what: 'an alert[: {name}][ ({request.count} times so far)]',
    },
    request: raised,
    response: [alert],
  },
  'activity-tracker.alert.acknowledge': {
    ...alerts,
    title: 'Acknowledge an alert: somebody looks after it.',
    verb: 'acknowledge',
    severity: 'normal',
    phrase: { did: 'acknowledged', to: 'acknowledge', what: 'an alert[: {name}][: {request.comment}]' },
    request: [alert, comment, ...states],
    response: [],
  },
  'activity-tracker.alert.assign': {
    ...alerts,
    title: 'Assign an alert to somebody, or to nobody.',
    verb: 'assign',
    severity: 'normal',
    phrase: { did: 'assigned', to: 'assign', what: 'an alert[: {name}][ to {request.newValue.assignee}]' },
    request: [
      alert,
      comment,
      {
        name: 'initialValue.assignee',
        type: 'identifier',
        meaning: 'Who looked after it before.',
        when: 'somebody did',
        source: 'extension',
      },
      {
        name: 'newValue.assignee',
        type: 'identifier',
        meaning: 'Who looks after it now.',
        when: 'somebody does',
        source: 'extension',
      },
    ],
    response: [],
  },
  'activity-tracker.alert.comment': {
    ...alerts,
    title: 'Say something about an alert.',
    verb: 'comment',
    severity: 'normal',
    phrase: { did: 'commented on', to: 'comment on', what: 'an alert[: {name}][: {request.comment}]' },
    request: [alert, comment],
    response: [],
  },
  'activity-tracker.alert.close': {
    ...alerts,
    title: 'Close an alert.',
    verb: 'close',
    severity: 'normal',
    phrase: { did: 'closed', to: 'close', what: 'an alert[: {name}][: {request.comment}]' },
    request: [alert, comment, ...states],
    response: [],
  },
  'activity-tracker.alert.reopen': {
    ...alerts,
    title: 'Open an alert again.',
    verb: 'reopen',
    severity: 'normal',
    phrase: { did: 'opened', to: 'open', what: 'an alert again[: {name}][: {request.comment}]' },
    request: [alert, comment, ...states],
    response: [],
  },
  'activity-tracker.channel.list': {
    ...channels,
    title: 'List channels.',
    verb: 'list',
    severity: 'normal',
    phrase: { did: 'listed', to: 'list', what: 'channels[ of {name}]' },
    request: [],
    response: [totalResources],
  },
  'activity-tracker.channel.read': {
    ...channels,
    title: 'Read a channel, or its messages.',
    verb: 'read',
    severity: 'normal',
    phrase: { did: 'read', to: 'read', what: 'the channel[ {request.channel}]' },
    request: [channel],
    response: [totalResources],
  },
  'activity-tracker.channel.create': {
    ...channels,
    title: 'Create a channel.',
    verb: 'create',
    severity: 'warning',
    phrase: { did: 'created', to: 'create', what: 'the channel[ {request.channel}]' },
    request: [channel, kind, settings('newValue')],
    response: [],
  },
  'activity-tracker.channel.update': {
    ...channels,
    title: 'Change a channel.',
    verb: 'update',
    severity: 'warning',
    phrase: { did: 'changed', to: 'change', what: 'the channel[ {request.channel}]' },
    request: [
      channel,
      kind,
      settings('initialValue'),
      settings('newValue'),
      { name: 'isSecretChanged', type: 'boolean', meaning: 'Whether its secret changed, too.', source: 'extension' },
    ],
    response: [],
  },
  'activity-tracker.channel.delete': {
    ...channels,
    title: 'Delete a channel, with what waited for it.',
    verb: 'delete',
    severity: 'warning',
    phrase: { did: 'deleted', to: 'delete', what: 'the channel[ {request.channel}]' },
    request: [channel, kind, settings('initialValue')],
    response: [totalResources],
    explanations: [
      {
        when: { outcome: 'success' },
        meaning: 'Nobody is told of alerts through this channel any more; what waited for it is not sent.',
        remedy: 'See that another channel tells whoever must know.',
        call: 'keywitness channels list',
        source: 'extension',
      },
    ],
  },
  'activity-tracker.channel.test': {
    ...channels,
    title: 'Send a test message through a channel.',
    verb: 'test',
    severity: 'normal',
    phrase: { did: 'tested', to: 'test', what: 'the channel[ {request.channel}]' },
    request: [channel],
    response: [messageId],
  },
  'activity-tracker.channel.fail': {
    ...channels,
    title: 'A message to a channel was given up: it stays as a dead letter.',
    verb: 'deliver',
    severity: 'critical',
    phrase: {
      did: 'delivered',
      to: 'deliver',
      what: 'a message through the channel[ {request.channel}]',
      failed: 'could not deliver',
    },
    request: [
      channel,
      messageId,
      { name: 'messageType', type: 'identifier', meaning: 'What kind of message it is.', source: 'extension' },
      { name: 'attempts', type: 'integer', meaning: 'How often it was tried.', source: 'extension' },
    ],
    response: [],
    explanations: [
      {
        when: { outcome: 'failure' },
        meaning: 'The receiver did not take the message for a day, or wants no more.',
        remedy: 'See what is wrong with the receiver, test the channel, and send the dead letters again.',
        call: 'keywitness channels resend',
        source: 'extension',
      },
    ],
  },
  'activity-tracker.channel.resend': {
    ...channels,
    title: 'Send dead letters of a channel again.',
    verb: 'resend',
    severity: 'normal',
    phrase: { did: 'sent', to: 'send', what: 'dead letters again through the channel[ {request.channel}]' },
    request: [channel, { ...messageId, when: 'it is one message' }],
    response: [totalResources],
  },
  'activity-tracker.digest.send': {
    ...ours,
    object: 'digest',
    typeURI: 'activity-tracker/digest',
    title: 'A digest was sent, with the newest checkpoint in it.',
    verb: 'send',
    severity: 'normal',
    phrase: { did: 'sent', to: 'send', what: 'a digest through the channel[ {request.channel}]' },
    request: [
      channel,
      {
        name: 'checkpointSize',
        type: 'integer',
        meaning: 'Size of the checkpoint in it.',
        when: 'there is one',
        source: 'extension',
      },
    ],
    response: [messageId],
  },
} as const satisfies FamilySpec
