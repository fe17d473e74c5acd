/** Rules over the API: list, read, write, turn on and off, delete. */
import type { ActionName } from '@keywitness/cadf'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Rule } from '@keywitness/tracker/alerts'
import type { Done, Seen } from '../../audit.ts'
import { Refusal } from '../../errors.ts'
import { type AccountRequest, addAccountRoute } from '../../http/account-route.ts'
import type { Answer } from '../../http/answer.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../http/json.ts'
import { bodyReader, Text, timestamp } from '../../http/schema.ts'
import { placeIn, refuseElsewhere, requireTracker, targetIn } from '../../trail/tracker-request.ts'
import type { TrackerRow } from '../../trail/trail.ts'
import { alertLimits } from '../limits.ts'
import { type AlertingParts, rulesChanged } from '../parts.ts'
import { tellOfGuards } from '../raising/tell-all.ts'
import { type Editor, putRule, removeRule, type RuleChange, turnRule } from './change-rule.ts'
import { type Known, listBytesOf, readRule, tooLongLists } from './read-rule.ts'
import { ruleFacts } from './rule-facts.ts'
import type { RuleRow } from './rule-rows.ts'
import { ruleViews } from './rule-view.ts'

export const rulesPath = '/v1/trackers/:location/rules'
export const LocationParams = Type.Object({ location: Type.String() })
const RuleParams = Type.Object({ location: Type.String(), rule: Type.String() })
export const reasonMax = 500
const Reasoned = Type.Object({ reason: Text(reasonMax, 'Why') }, { additionalProperties: false })
const Written = Type.Object({
  rule: Type.Object({}, { description: 'As docs/reference/rules.md has it', additionalProperties: true }),
  version: Type.Optional(Type.Integer({ minimum: 1, description: 'The version that this follows' })),
})

export function addRuleRoutes(app: FastifyInstance, parts: AlertingParts): void {
  const { door, rules } = parts
  const common = { place: placeIn(parts), target: targetIn(parts) }
  const readReason = bodyReader(Reasoned)

  addAccountRoute(app, door, {
    method: 'GET',
    url: rulesPath,
    action: 'activity-tracker.rule.list',
    ...common,
    schema: { summary: 'Rules, and how each is', tags: ['alerts'], params: LocationParams },
    operation: (request, seen) => {
      const row = requireTracker(parts, request, 'trail.read')
      const found = rules.list(row.id).map(ruleViews(parts, row))
      seen.response.totalResources = found.length
      return { code: 200, result: { body: { rules: found } } }
    },
  })

  addAccountRoute(app, door, {
    method: 'GET',
    url: `${rulesPath}/:rule`,
    action: 'activity-tracker.rule.read',
    ...common,
    schema: { summary: 'A rule', tags: ['alerts'], params: RuleParams },
    operation: (request, seen) => {
      const row = requireTracker(parts, request, 'trail.read')
      const found = existingRule(parts, row, request.params['rule'])
      seen.request.rule = found.id
      return { code: 200, result: { body: ruleViews(parts, row)(found) } }
    },
  })

  addAccountRoute(app, door, {
    method: 'GET',
    url: `${rulesPath}/:rule/versions`,
    action: 'activity-tracker.rule.list',
    ...common,
    schema: { summary: 'What a rule was, newest first', tags: ['alerts'], params: RuleParams },
    operation: (request, seen) => {
      const row = requireTracker(parts, request, 'trail.read')
      const id = request.params['rule'] ?? ''
      const versions = rules.versions(row.id, id)
      if (versions.length === 0) throw new Refusal('NOT_FOUND')
      seen.request.rule = id
      seen.response.totalResources = versions.length
      const views = versions.map(({ version, rule, changedAt, changedBy, changedByName }) => ({
        version,
        rule,
        isDeleted: rule === null,
        changedAt: timestamp(changedAt),
        changedBy: { id: changedBy, name: changedByName },
      }))
      return { code: 200, result: { body: { versions: views } } }
    },
  })

  addAccountRoute(app, door, {
    method: 'POST',
    url: rulesPath,
    action: 'activity-tracker.rule.create',
    ...common,
    schema: { summary: 'Create a rule. It begins turned off', tags: ['alerts'], params: LocationParams, body: Written },
    operation: (request, seen) => {
      const row = requireRules(parts, request)
      const rule = readRule(writtenOf(request.body())['rule'], undefined, knownBeside(parts, row))
      seen.request = { rule: rule.id, ...ruleFacts('newValue', rule) }
      if (rules.find(row.id, rule.id) !== undefined) throw new Refusal('ALREADY_EXISTS')
      if (rules.counts(row.id).all >= alertLimits.rules) throw new Refusal('QUOTA_EXCEEDED')
      refuseMoreLists(parts, row, rule)
      return done(parts, row, putRule(parts, row, rule, request.caller), request.caller, seen, 201)
    },
  })

  addAccountRoute(app, door, {
    method: 'PUT',
    url: `${rulesPath}/:rule`,
    action: 'activity-tracker.rule.update',
    ...common,
    schema: {
      summary: 'Change a rule. One that is on begins anew with what it is now',
      tags: ['alerts'],
      params: RuleParams,
      body: Written,
    },
    operation: (request, seen) => {
      const row = requireRules(parts, request)
      const body = writtenOf(request.body())
      const before = existingRule(parts, row, request.params['rule'])
      const rule = readRule(body['rule'], before.id, knownBeside(parts, row))
      seen.request = { rule: rule.id, ...ruleFacts('initialValue', before.rule), ...ruleFacts('newValue', rule) }
      if (body['version'] !== undefined && body['version'] !== before.version) throw new Refusal('CONFLICT')
      refuseMoreLists(parts, row, rule)
      return done(parts, row, putRule(parts, row, rule, request.caller), request.caller, seen, 200)
    },
  })

  for (const isEnabled of [true, false]) {
    addAccountRoute(app, door, {
      method: 'POST',
      url: `${rulesPath}/:rule/${isEnabled ? 'enable' : 'disable'}`,
      action: isEnabled ? 'activity-tracker.rule.enable' : 'activity-tracker.rule.disable',
      ...common,
      schema: {
        summary: isEnabled ? 'Turn a rule on' : 'Turn a rule off: nobody is told of what it watches for',
        tags: ['alerts'],
        params: RuleParams,
        body: Reasoned,
      },
      operation: (request, seen) => {
        const row = requireRules(parts, request)
        const { reason } = readReason(request.body())
        const before = existingRule(parts, row, request.params['rule'])
        seen.request.rule = before.id
        const turned = turnRule(parts, row, before, isEnabled, reason, request.caller)
        return done(parts, row, turned, request.caller, seen, 200)
      },
    })
  }

  addAccountRoute(app, door, {
    method: 'DELETE',
    url: `${rulesPath}/:rule`,
    action: 'activity-tracker.rule.delete',
    ...common,
    schema: { summary: 'Delete a rule; what it was stays', tags: ['alerts'], params: RuleParams, body: Reasoned },
    operation: (request, seen) => {
      const row = requireRules(parts, request)
      const { reason } = readReason(request.body())
      const before = existingRule(parts, row, request.params['rule'])
      return done(parts, row, removeRule(parts, row, before, reason, request.caller), request.caller, seen, 204)
    },
  })
}

/** @throws Refusal UNAUTHORIZED_ERR, NOT_FOUND, TRACKER_ELSEWHERE */
export function requireRules(parts: AlertingParts, request: AccountRequest): TrackerRow {
  const row = requireTracker(parts, request, 'trail.watch')
  refuseElsewhere(parts, row)
  return row
}

/** What all rules list is held in memory, whether they are on or not. */
function refuseMoreLists({ rules }: AlertingParts, row: TrackerRow, rule: Rule): void {
  if (rules.listBytes(row.id, rule.id) + listBytesOf(rule) > alertLimits.allListBytes) throw tooLongLists()
}

export function existingRule(
  { rules }: Pick<AlertingParts, 'rules'>,
  row: TrackerRow,
  id: string | undefined,
): RuleRow {
  const found = rules.find(row.id, id ?? '')
  if (found === undefined) throw new Refusal('NOT_FOUND')
  return found
}

export function knownBeside({ rules, channels }: Pick<AlertingParts, 'rules' | 'channels'>, row: TrackerRow): Known {
  return {
    calendars: new Set(rules.calendars(row.id).map(({ id }) => id)),
    channels: new Set(channels.list(row.id).map(({ id }) => id)),
  }
}

/** @throws Refusal NO_BODY_ERR, BAD_BODY_ERR */
export function writtenOf(body: JsonValue | undefined): JsonObject {
  if (body === undefined) throw new Refusal('NO_BODY_ERR')
  if (!isJsonObject(body)) throw new Refusal('BAD_BODY_ERR')
  return body
}

function done<A extends ActionName>(
  parts: AlertingParts,
  row: TrackerRow,
  change: RuleChange,
  by: Editor,
  seen: Seen<A>,
  code: 200 | 201 | 204,
): Done<Answer> {
  const { changes, event, off, after } = change
  Object.assign(seen, event.seen)
  const told = tellOfGuards(parts, row, [change], by, parts.clock.now())
  const body = after === undefined ? {} : ruleViews(parts, row)(after)
  const alongside = off === undefined ? [] : [off]
  const result = code === 204 ? {} : { body }
  return { code, result, changes: [...changes, ...told], alongside, settled: rulesChanged(parts, row) }
}
