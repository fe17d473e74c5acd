/** Rules as a whole over the API: tested on what was recorded, exported, imported; and calendars. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { parsePeriod } from '@keywitness/cadf'
import { Refusal } from '../../errors.ts'
import { addAccountRoute } from '../../http/account-route.ts'
import type { JsonObject, JsonValue } from '../../http/json.ts'
import { Text, timestamp } from '../../http/schema.ts'
import { placeIn, requireTracker, targetIn } from '../../trail/tracker-request.ts'
import type { Fired, TestAnswer, TestProblem } from '../engine/messages.ts'
import { alertLimits } from '../limits.ts'
import { type AlertingParts, rulesChanged } from '../parts.ts'
import { textOf } from '../raising/alert-text.ts'
import { exportRules, importRules, readDocument } from './import-rules.ts'
import { isWatch, needOf, readCalendar, readRule } from './read-rule.ts'
import { calendarFacts } from './rule-facts.ts'
import { deleteCalendar, writeCalendar } from './rule-rows.ts'
import { knownBeside, LocationParams, reasonMax, requireRules, rulesPath, writtenOf } from './rule-routes.ts'

const calendarsPath = '/v1/trackers/:location/calendars'
const CalendarParams = Type.Object({ location: Type.String(), calendar: Type.String() })
const day = 24 * 3_600_000
const problems: Readonly<Record<TestProblem, string>> = {
  TOO_COSTLY: 'The rule takes too long for single events; make its query narrower, or its patterns shorter.',
  FAILED: 'The log could not be read; the cause is in the log of the server.',
  RESTARTED: 'The alert engine was started again meanwhile; try again.',
}
/** Without a time a rule is tested on what was recorded in this. */
const testedMs = 7 * day

export function addRuleDocumentRoutes(app: FastifyInstance, parts: AlertingParts): void {
  const { door, engine, clock, rules } = parts
  const common = { place: placeIn(parts), target: targetIn(parts) }

  addAccountRoute(app, door, {
    method: 'POST',
    url: `${rulesPath}/test`,
    action: 'activity-tracker.rule.test',
    ...common,
    schema: {
      summary: 'Test a rule on what was recorded: what it would have fired',
      tags: ['alerts'],
      params: LocationParams,
      body: Type.Object({
        rule: Type.Object({}, { additionalProperties: true }),
        from: Type.Optional(Type.String({ description: 'RFC 3339 or relative, such as -7d, which is the default' })),
        to: Type.Optional(Type.String({ description: 'RFC 3339 or relative; now when not given' })),
      }),
    },
    operation: async (request, seen) => {
      const row = requireRules(parts, request)
      const body = writtenOf(request.body())
      const rule = readRule(body['rule'], undefined, knownBeside(parts, row))
      seen.request.rule = rule.id
      if (isWatch(rule.when))
        throw new Refusal('RULE_NEEDS', { message: 'What no event tells cannot be tested on events.' })
      const need = needOf(rule, parts.hasLocations)
      if (need !== undefined) throw new Refusal('RULE_NEEDS', { message: need })
      const now = clock.now()
      const from = timeIn(body, 'from', now - testedMs, now)
      const to = timeIn(body, 'to', now, now)
      if (from >= to) throw new Refusal('INVALID_FIELD_ERR', { at: { type: 'field', name: 'from' } })
      const answer = await engine.test(row, { rule, calendars: rules.calendars(row.id), from, to })
      if ('problem' in answer) throw new Refusal('SEARCH_CANCELLED', { message: problems[answer.problem] })
      seen.response = { totalResources: answer.events, firings: answer.total }
      return { code: 200, result: { body: testView(answer, (fired) => textOf(rule, fired)) } }
    },
  })

  addAccountRoute(app, door, {
    method: 'GET',
    url: `${rulesPath}/export`,
    action: 'activity-tracker.rule.export',
    ...common,
    schema: { summary: 'All rules and calendars as one document', tags: ['alerts'], params: LocationParams },
    operation: (request, seen) => {
      const row = requireTracker(parts, request, 'trail.read')
      seen.response.totalResources = rules.counts(row.id).all
      return { code: 200, result: { body: exportRules(parts, row) } }
    },
  })

  addAccountRoute(app, door, {
    method: 'POST',
    url: `${rulesPath}/import`,
    action: 'activity-tracker.rule.import',
    ...common,
    schema: {
      summary: 'Import such a document: rules that are others are written, those that are the same stay',
      tags: ['alerts'],
      params: LocationParams,
      body: Type.Object({
        format: Type.String(),
        rules: Type.Array(Type.Object({}, { additionalProperties: true }), { maxItems: alertLimits.rules }),
        calendars: Type.Optional(Type.Array(Type.Object({}, { additionalProperties: true }))),
        mode: Type.Optional(
          Type.Union([Type.Literal('add'), Type.Literal('replace')], {
            default: 'add',
            description: '`replace`: rules that the document does not have go',
          }),
        ),
        reason: Text(reasonMax, 'Why'),
      }),
    },
    operation: (request, seen) => {
      const row = requireRules(parts, request)
      const body = writtenOf(request.body())
      const { mode = 'add' } = body
      const reason = reasonIn(body)
      if (mode !== 'add' && mode !== 'replace') throw wrong('mode', 'It must be add or replace.')
      seen.request = { reason, mode }
      const document = readDocument(parts, row, body)
      const isReplacing = mode === 'replace'
      const { changes, events, ...counts } = importRules(parts, row, document, {
        isReplacing,
        reason,
        by: request.caller,
      })
      seen.response = counts
      return { code: 200, result: { body: counts }, changes, alongside: events, settled: rulesChanged(parts, row) }
    },
  })

  addCalendarRoutes(app, parts)
}

function addCalendarRoutes(app: FastifyInstance, parts: AlertingParts): void {
  const { door, rules } = parts
  const common = { place: placeIn(parts), target: targetIn(parts) }

  addAccountRoute(app, door, {
    method: 'GET',
    url: calendarsPath,
    action: 'activity-tracker.calendar.list',
    ...common,
    schema: { summary: 'Calendars', tags: ['alerts'], params: LocationParams },
    operation: (request, seen) => {
      const row = requireTracker(parts, request, 'trail.read')
      const calendars = rules.calendars(row.id)
      seen.response.totalResources = calendars.length
      return { code: 200, result: { body: { calendars } } }
    },
  })

  addAccountRoute(app, door, {
    method: 'PUT',
    url: `${calendarsPath}/:calendar`,
    action: 'activity-tracker.calendar.update',
    ...common,
    schema: {
      summary: 'Set a calendar',
      tags: ['alerts'],
      params: CalendarParams,
      body: Type.Object({}, { additionalProperties: true, description: 'As docs/reference/rules.md has it' }),
    },
    operation: (request, seen) => {
      const row = requireRules(parts, request)
      const calendar = readCalendar(writtenOf(request.body()), request.params['calendar'] ?? '')
      const all = rules.calendars(row.id)
      const before = all.find(({ id }) => id === calendar.id)
      if (before === undefined && all.length >= alertLimits.calendars) throw new Refusal('QUOTA_EXCEEDED')
      seen.request = {
        calendar: calendar.id,
        ...calendarFacts('initialValue', before),
        ...calendarFacts('newValue', calendar),
      }
      return {
        code: 200,
        result: { body: calendar },
        changes: [writeCalendar(row.id, calendar, before === undefined)],
        settled: rulesChanged(parts, row),
      }
    },
  })

  addAccountRoute(app, door, {
    method: 'DELETE',
    url: `${calendarsPath}/:calendar`,
    action: 'activity-tracker.calendar.delete',
    ...common,
    schema: { summary: 'Delete a calendar that no rule uses', tags: ['alerts'], params: CalendarParams },
    operation: (request, seen) => {
      const row = requireRules(parts, request)
      const before = rules.calendars(row.id).find(({ id }) => id === request.params['calendar'])
      if (before === undefined) throw new Refusal('NOT_FOUND')
      seen.request = { calendar: before.id, ...calendarFacts('initialValue', before) }
      if (rules.list(row.id).some(({ rule }) => rule.during?.calendar === before.id)) throw new Refusal('IN_USE')
      return {
        code: 204,
        result: {},
        changes: [deleteCalendar(row.id, before.id)],
        settled: rulesChanged(parts, row),
      }
    },
  })
}

function testView(answer: TestAnswer, words: (fired: Fired) => string): object {
  const { from, to, events, isComplete, total, firings } = answer
  return {
    looked: { from: timestamp(from), to: timestamp(Math.max(from, to)), events },
    isComplete,
    total,
    firings: firings.map((fired) => ({
      at: timestamp(fired.at),
      group: fired.group,
      count: fired.count,
      text: words(fired),
      events: fired.events,
    })),
  }
}

function reasonIn(body: JsonObject): string {
  const { reason } = body
  const isReason = typeof reason === 'string' && reason.length > 0 && reason.length <= reasonMax
  if (!isReason || /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(reason))
    throw wrong('reason', `It must be one line of 1 to ${reasonMax} characters.`)
  return reason
}

function timeIn(
  body: { readonly [name: string]: JsonValue | undefined },
  name: 'from' | 'to',
  none: number,
  now: number,
): number {
  const text = body[name]
  if (text === undefined) return none
  const forms = 'It must be a time such as 2026-11-25T14:05:00Z, -7d or now.'
  if (typeof text !== 'string') throw wrong(name, forms)
  const absolute = Date.parse(text)
  if (/^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(absolute)) return absolute
  const period = parsePeriod(text, { now })
  if (period === undefined) throw wrong(name, forms)
  return period.start
}

function wrong(name: string, what: string): Refusal {
  return new Refusal('INVALID_FIELD_ERR', { message: `${name}: ${what}`, at: { type: 'field', name } })
}
