/** Channels over the API: made, changed, tested, deleted. Their secrets go in, and never out. */
import { randomUUID } from 'node:crypto'
import { uuidv7 } from '@keywitness/cadf'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { Refusal } from '../../errors.ts'
import { type AccountRequest, addAccountRoute } from '../../http/account-route.ts'
import { bodyReader, Text } from '../../http/schema.ts'
import { placeIn, refuseElsewhere, requireTracker, targetIn } from '../../trail/tracker-request.ts'
import type { Outbound } from '../../outbound/outbound.ts'
import {
  insertTarget,
  newSigningSecret,
  type Targets,
  updateTargetSecret,
  updateTargetSettings,
} from '../../outbound/targets.ts'
import type { Sealer } from '../../seal.ts'
import type { TrackerRow } from '../../trail/trail.ts'
import { alertLimits } from '../limits.ts'
import type { AlertingParts } from '../parts.ts'
import { messageTo } from '../raising/tell.ts'
import { tellOfChannel } from '../raising/tell-all.ts'
import { LocationParams } from '../rules/rule-routes.ts'
import { type AlertMessage, alertMessage } from './alert-message.ts'
import { type ChannelRow, deleteChannel, insertChannel, updateChannel } from './channel-rows.ts'
import { channelSummary, channelView } from './channel-view.ts'
import { needsSecret, settingsShown } from './settings.ts'
import { factsOfRow, readSecret, readSettings, refuseSecretElsewhere, settingsText } from './write-channel.ts'

export interface ChannelRoutesParts extends AlertingParts {
  readonly sealer: Sealer
  readonly outbound: Outbound
  readonly targets: Targets
}

export const channelsPath = '/v1/trackers/:location/channels'
export const ChannelParams = Type.Object({ location: Type.String(), channel: Type.String() })
const kinds = ['email', 'slack', 'teams', 'pagerduty', 'webhook', 'syslog'] as const
const Minimum = Type.Union([Type.Literal('info'), Type.Literal('warning'), Type.Literal('critical')], {
  description: 'Told of alerts from this severity on, unless their rule names its channels',
})
const Settings = Type.Object({}, { additionalProperties: true, description: 'As docs/guides/alerts.md has them' })
const Secret = Type.Object({}, { additionalProperties: true, description: 'What must stay secret: never shown again' })
const NewChannel = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }),
    name: Text(120, 'For people'),
    kind: Type.Union(kinds.map((kind) => Type.Literal(kind))),
    settings: Settings,
    secret: Type.Optional(Secret),
    minimum: Minimum,
    isOn: Type.Optional(Type.Boolean({ default: true })),
  },
  { additionalProperties: false },
)
const ChannelChange = Type.Object(
  {
    name: Type.Optional(Text(120, 'For people')),
    settings: Type.Optional(Settings),
    secret: Type.Optional(Secret),
    minimum: Type.Optional(Minimum),
    isOn: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)

export function addChannelRoutes(app: FastifyInstance, parts: ChannelRoutesParts): void {
  const { door, channels, access, outbound } = parts
  const common = { place: placeIn(parts), target: targetIn(parts) }

  addAccountRoute(app, door, {
    method: 'GET',
    url: channelsPath,
    action: 'activity-tracker.channel.list',
    ...common,
    schema: { summary: 'Channels; their settings for administrators only', tags: ['alerts'], params: LocationParams },
    operation: (request, seen) => {
      const row = requireTracker(parts, request, 'trail.read')
      const maySee = access.mayAdministerTracker(request.caller, row.location)
      const found = channels.list(row.id)
      seen.response.totalResources = found.length
      const views = found.map((one) =>
        maySee ? channelView(one, { ...parts, messages: outbound.messages }) : channelSummary(one, outbound.messages),
      )
      return { code: 200, result: { body: { channels: views } } }
    },
  })

  addAccountRoute(app, door, {
    method: 'GET',
    url: `${channelsPath}/:channel`,
    action: 'activity-tracker.channel.read',
    ...common,
    schema: { summary: 'A channel', tags: ['alerts'], params: ChannelParams },
    operation: (request, seen) => {
      const channel = existingChannel(parts, requireChannels(parts, request), request.params['channel'])
      seen.request.channel = channel.id
      return { code: 200, result: { body: channelView(channel, { ...parts, messages: outbound.messages }) } }
    },
  })

  addCreation(app, parts)
  addChange(app, parts)

  addAccountRoute(app, door, {
    method: 'DELETE',
    url: `${channelsPath}/:channel`,
    action: 'activity-tracker.channel.delete',
    ...common,
    schema: { summary: 'Delete a channel, with what waits for it', tags: ['alerts'], params: ChannelParams },
    operation: (request, seen) => {
      const row = requireChannels(parts, request)
      const channel = existingChannel(parts, row, request.params['channel'])
      seen.request = {
        channel: channel.id,
        channelKind: channel.kind,
        'initialValue.channelSettings': settingsText(factsOfRow(channel)),
      }
      if (parts.rules.list(row.id).some(({ rule }) => rule.channels?.includes(channel.id) === true)) {
        throw new Refusal('IN_USE')
      }
      seen.response.totalResources = outbound.messages.count(channel.target, 'waiting')
      const told = tellOfChannel(parts, row, channel, 'deleted', request.caller, parts.clock.now())
      return { code: 204, result: {}, changes: [deleteChannel(channel), ...told], settled: parts.queued }
    },
  })

  addAccountRoute(app, door, {
    method: 'POST',
    url: `${channelsPath}/:channel/test`,
    action: 'activity-tracker.channel.test',
    ...common,
    schema: { summary: 'Send a test message', tags: ['alerts'], params: ChannelParams },
    operation: (request, seen) => {
      const row = requireChannels(parts, request)
      const channel = existingChannel(parts, row, request.params['channel'])
      seen.request.channel = channel.id
      const now = parts.clock.now()
      const id = uuidv7(now, parts.random(10))
      seen.response.messageId = id
      const message = testMessage(row, channel, request.caller.name, now)
      return {
        code: 202,
        result: { body: { message: id } },
        changes: [messageTo(channel, message, now, parts.random, { id })],
        settled: parts.queued,
      }
    },
  })
}

function testMessage(row: TrackerRow, channel: ChannelRow, who: string, now: number): AlertMessage {
  return alertMessage({
    type: 'channel.test',
    tracker: row,
    at: new Date(now).toISOString(),
    title: `The channel ${channel.name} works`,
    text: `${who} asked for this test message. Alerts of the tracker of ${row.location} come the same way.`,
  })
}

function addCreation(app: FastifyInstance, parts: ChannelRoutesParts): void {
  const { channels, clock, sealer, outbound } = parts
  const readNew = bodyReader(NewChannel)
  addAccountRoute(app, parts.door, {
    method: 'POST',
    url: channelsPath,
    action: 'activity-tracker.channel.create',
    place: placeIn(parts),
    target: targetIn(parts),
    schema: { summary: 'Create a channel', tags: ['alerts'], params: LocationParams, body: NewChannel },
    operation: (request, seen) => {
      const row = requireChannels(parts, request)
      const { id, name, kind, settings: given, secret: givenSecret, minimum, isOn = true } = readNew(request.body())
      const settings = readSettings(kind, given, outbound.addresses)
      const secret = readSecret(kind, givenSecret, outbound.addresses)
      const target = randomUUID()
      const channel = { tracker: row.id, id, name, target, minimum, isOn: isOn ? 1 : 0 } as const
      const shown = settingsShown({ kind, url: settings.url, settings: JSON.stringify(settings.settings) })
      seen.request = {
        channel: id,
        channelKind: kind,
        'newValue.channelSettings': settingsText({ name, minimum, isOn, settings: shown }),
      }
      if (channels.find(row.id, id) !== undefined) throw new Refusal('ALREADY_EXISTS')
      if (channels.list(row.id).length >= alertLimits.channels) throw new Refusal('QUOTA_EXCEEDED')
      if (secret === undefined && needsSecret(kind)) throw missingSecret()
      const made = secret ?? (kind === 'webhook' ? newSigningSecret(parts.random) : '')
      const now = clock.now()
      const createdBy = request.caller.id
      const kept = { kind, url: settings.url, settings: JSON.stringify(settings.settings), createdAt: now, createdBy }
      const view = {
        ...channel,
        ...kept,
        deliveredAt: null,
        failingSince: null,
        problem: null,
        heartbeatAt: null,
        digestAt: null,
      }
      return {
        code: 201,
        result: {
          body: {
            ...channelSummary(view, outbound.messages),
            settings: shown,
            hasSecret: made !== '',
            ...(kind === 'webhook' && secret === undefined ? { signingSecret: made } : {}),
          },
        },
        changes: [
          ...insertTarget({ id: target, account: row.account, ...kept }, made, sealer),
          insertChannel(channel, now),
        ],
      }
    },
  })
}

function addChange(app: FastifyInstance, parts: ChannelRoutesParts): void {
  const { sealer, outbound, targets } = parts
  const readChange = bodyReader(ChannelChange)
  addAccountRoute(app, parts.door, {
    method: 'PUT',
    url: `${channelsPath}/:channel`,
    action: 'activity-tracker.channel.update',
    place: placeIn(parts),
    target: targetIn(parts),
    schema: { summary: 'Change a channel', tags: ['alerts'], params: ChannelParams, body: ChannelChange },
    operation: (request, seen) => {
      const row = requireChannels(parts, request)
      const before = existingChannel(parts, row, request.params['channel'])
      const wish = readChange(request.body())
      const secret = readSecret(before.kind, wish.secret, outbound.addresses)
      const settings = readSettings(before.kind, wish.settings ?? settingsShown(before), outbound.addresses)
      const isOn = wish.isOn ?? before.isOn === 1
      const after: ChannelRow = {
        ...before,
        name: wish.name ?? before.name,
        minimum: wish.minimum ?? before.minimum,
        isOn: isOn ? 1 : 0,
        url: settings.url,
        settings: JSON.stringify(settings.settings),
      }
      seen.request = {
        channel: before.id,
        channelKind: before.kind,
        'initialValue.channelSettings': settingsText(factsOfRow(before)),
        'newValue.channelSettings': settingsText(factsOfRow(after)),
        isSecretChanged: secret !== undefined,
      }
      const hasSecret = secret === undefined && (targets.secret(before.target) ?? '') !== ''
      refuseSecretElsewhere(before, settings, hasSecret)
      return {
        code: 200,
        result: {
          body: {
            ...channelSummary(after, outbound.messages),
            settings: settingsShown(after),
            hasSecret: hasSecret || secret !== undefined,
          },
        },
        changes: [
          updateChannel(after),
          updateTargetSettings(before.target, after.url, after.settings),
          ...(secret === undefined ? [] : [updateTargetSecret(before.target, secret, sealer)]),
          ...(before.isOn === 1 && !isOn
            ? tellOfChannel(parts, row, after, 'turned off', request.caller, parts.clock.now())
            : []),
        ],
        settled: parts.queued,
      }
    },
  })
}

/** @throws Refusal UNAUTHORIZED_ERR, NOT_FOUND, TRACKER_ELSEWHERE */
export function requireChannels(parts: AlertingParts, request: AccountRequest): TrackerRow {
  const row = requireTracker(parts, request, 'trail.administer')
  refuseElsewhere(parts, row)
  return row
}

export function existingChannel(
  { channels }: Pick<AlertingParts, 'channels'>,
  row: TrackerRow,
  id: string | undefined,
): ChannelRow {
  const found = channels.find(row.id, id ?? '')
  if (found === undefined) throw new Refusal('NOT_FOUND')
  return found
}

function missingSecret(): Refusal {
  return new Refusal('INVALID_FIELD_ERR', {
    message: 'A channel of this kind needs its secret.',
    at: { type: 'field', name: 'secret' },
  })
}
