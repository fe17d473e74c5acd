/** Mutes over the API: nobody is told of some alerts for a while, for a reason, and never without an end. */
import { randomUUID } from 'node:crypto'
import { queryBounds } from '@keywitness/cadf'
import { compileQuery, type Rule, RuleError } from '@keywitness/tracker/alerts'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { Refusal } from '../../errors.ts'
import { addAccountRoute } from '../../http/account-route.ts'
import { bodyReader, Text, timestamp } from '../../http/schema.ts'
import { placeIn, requireTracker, targetIn } from '../../trail/tracker-request.ts'
import { alertLimits } from '../limits.ts'
import { insertMute, type Mute } from '../mutes.ts'
import { type AlertingParts, rulesChanged } from '../parts.ts'
import { endedMute, tellOfMute } from '../raising/tell-all.ts'
import { existingRule, LocationParams, reasonMax, requireRules } from '../rules/rule-routes.ts'
import { muteView } from './mute-view.ts'

const path = '/v1/trackers/:location/mutes'
const listedMax = 1_000
const groupsMax = 4
const valueMax = 256

const NewMute = Type.Object(
  {
    rule: Type.Optional(Type.String({ maxLength: 64, description: 'Id of the rule; every rule when not given' })),
    group: Type.Optional(
      Type.Record(Type.String({ maxLength: 128 }), Type.String({ maxLength: valueMax }), {
        maxProperties: groupsMax,
        description: 'Values by field, as an alert groups by',
      }),
    ),
    query: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: queryBounds.characters,
        description: 'In the query language: only firings whose event it finds',
      }),
    ),
    everything: Type.Optional(
      Type.Literal(true, { description: 'Said on purpose: without rule, group and query all alerts are muted' }),
    ),
    reason: Text(reasonMax, 'Why'),
    until: Type.String({ description: 'RFC 3339: when it ends by itself; at most 90 days from now' }),
  },
  { additionalProperties: false },
)
const Reasoned = Type.Object({ reason: Text(reasonMax, 'Why') }, { additionalProperties: false })

export function addMuteRoutes(app: FastifyInstance, parts: AlertingParts): void {
  const { door, mutes, clock } = parts
  const common = { place: placeIn(parts), target: targetIn(parts) }
  const readMute = bodyReader(NewMute)
  const readReason = bodyReader(Reasoned)

  addAccountRoute(app, door, {
    method: 'GET',
    url: path,
    action: 'activity-tracker.mute.list',
    ...common,
    schema: { summary: 'Mutes, newest first, those that are over too', tags: ['alerts'], params: LocationParams },
    operation: (request, seen) => {
      const row = requireTracker(parts, request, 'trail.read')
      const found = mutes.list(row.id, listedMax)
      seen.response.totalResources = found.length
      return { code: 200, result: { body: { mutes: found.map((mute) => muteView(parts, mute, clock.now())) } } }
    },
  })

  addAccountRoute(app, door, {
    method: 'POST',
    url: path,
    action: 'activity-tracker.mute.create',
    ...common,
    schema: {
      summary: 'Mute alerts: they are still raised, and nobody is told',
      tags: ['alerts'],
      params: LocationParams,
      body: NewMute,
    },
    operation: (request, seen) => {
      const row = requireRules(parts, request)
      const { rule, group, query, everything, reason, until: text } = readMute(request.body())
      const now = clock.now()
      const until = Date.parse(text)
      const isTime = /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(until)
      if (!isTime || until <= now || until > now + alertLimits.muteMs) {
        throw wrong('until', 'It must be a time with its zone, from now on to 90 days from now.')
      }
      const isNarrowed = rule !== undefined || query !== undefined || Object.keys(group ?? {}).length > 0
      if (isNarrowed === (everything === true)) {
        throw wrong('everything', 'Name a rule, a group or a query, or say that everything is meant.')
      }
      seen.request = { reason, expirationDate: timestamp(until) }
      if (rule !== undefined) {
        const { id, rule: named } = existingRule(parts, row, rule)
        seen.request.rule = id
        const unknown = Object.keys(group ?? {}).find((field) => !named.groupBy.includes(field))
        if (unknown !== undefined) throw wrong(`group.${unknown}`, `The rule groups by ${groupsText(named)}.`)
      }
      if (query !== undefined) {
        refuseBadQuery(query)
        seen.request.query = query
      }
      if (mutes.active(row.id).length >= alertLimits.mutes) throw new Refusal('QUOTA_EXCEEDED')
      const { id: createdBy, name: createdByName } = request.caller
      const mute: Mute = {
        id: randomUUID(),
        tracker: row.id,
        rule: rule ?? null,
        groups: group === undefined ? null : JSON.stringify(group),
        query: query ?? null,
        reason,
        until,
        createdAt: now,
        createdBy,
        createdByName,
        state: 'active',
        muted: 0,
      }
      seen.response.mute = mute.id
      return {
        code: 201,
        result: { body: muteView(parts, mute, now) },
        changes: [insertMute(mute), ...tellOfMute(parts, row, mute, { id: createdBy, name: createdByName }, now)],
        settled: rulesChanged(parts, row),
      }
    },
  })

  addAccountRoute(app, door, {
    method: 'DELETE',
    url: `${path}/:mute`,
    action: 'activity-tracker.mute.delete',
    ...common,
    schema: {
      summary: 'End a mute before its time',
      tags: ['alerts'],
      params: Type.Object({ location: Type.String(), mute: Type.String() }),
      body: Reasoned,
    },
    operation: (request, seen) => {
      const row = requireRules(parts, request)
      const { reason } = readReason(request.body())
      const mute = mutes.find(row.id, request.params['mute'] ?? '')
      if (mute?.state !== 'active') throw new Refusal('NOT_FOUND')
      seen.request = { mute: mute.id, reason, ...(mute.rule === null ? {} : { rule: mute.rule }) }
      const changes = endedMute(parts, row, mute, 'ended', clock.now())
      return { code: 204, result: {}, changes, settled: rulesChanged(parts, row) }
    },
  })
}

function groupsText({ groupBy }: Rule): string {
  return groupBy.length === 0 ? 'nothing' : groupBy.join(', ')
}

/** @throws Refusal INVALID_FIELD_ERR */
function refuseBadQuery(query: string): void {
  try {
    compileQuery(query, undefined, 'query')
  } catch (error) {
    if (!(error instanceof RuleError)) throw error
    const place = error.at === undefined ? {} : { from: error.at, length: error.length ?? 0 }
    throw new Refusal('INVALID_FIELD_ERR', {
      message: `query: ${error.message}`,
      at: { type: 'field', name: 'query', ...place },
    })
  }
}

function wrong(name: string, what: string): Refusal {
  return new Refusal('INVALID_FIELD_ERR', { message: `${name}: ${what}`, at: { type: 'field', name } })
}
