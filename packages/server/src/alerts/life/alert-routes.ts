/** Alerts over the API: listed, read, and what people do about them. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Seen } from '../../audit.ts'
import { Refusal } from '../../errors.ts'
import { addAccountRoute } from '../../http/account-route.ts'
import { badParameter, bodyReader, nextOf, pageOf, PageQuery, Text } from '../../http/schema.ts'
import type { Identities } from '../../iam/identities.ts'
import { placeIn, requireTracker, targetIn } from '../../trail/tracker-request.ts'
import type { TrackerRow } from '../../trail/trail.ts'
import { alertLimits } from '../limits.ts'
import type { AlertingParts } from '../parts.ts'
import {
  type AlertRow,
  type AlertState,
  countComments,
  insertStep,
  readSteps,
  updateAlert,
} from '../raising/alert-rows.ts'
import { tellChannels } from '../raising/tell.ts'
import { LocationParams, requireRules } from '../rules/rule-routes.ts'
import { type Person, stateFacts, steps, type StepSpec } from './alert-step.ts'
import { alertView, wholeAlertView } from './alert-view.ts'

export interface AlertRoutesParts extends AlertingParts {
  readonly identities: Identities
}

export const alertsPath = '/v1/trackers/:location/alerts'
const AlertParams = Type.Object({ location: Type.String(), alert: Type.String() })
const commentMax = 1_000

/** Names of states in a query, with what each means. */
const statesBy: Readonly<Record<string, readonly AlertState[]>> = {
  active: ['open', 'acknowledged'],
  open: ['open'],
  acknowledged: ['acknowledged'],
  closed: ['closed'],
  all: ['open', 'acknowledged', 'closed'],
}

export function addAlertRoutes(app: FastifyInstance, parts: AlertRoutesParts): void {
  const { door, alerts, reader } = parts
  const common = { place: placeIn(parts), target: targetIn(parts) }

  addAccountRoute(app, door, {
    method: 'GET',
    url: alertsPath,
    action: 'activity-tracker.alert.list',
    ...common,
    schema: {
      summary: 'Alerts, newest first',
      tags: ['alerts'],
      params: LocationParams,
      querystring: Type.Intersect([
        PageQuery,
        Type.Object({
          state: Type.Optional(
            Type.String({ description: `${Object.keys(statesBy).join(', ')}; active when not given: not closed` }),
          ),
          severity: Type.Optional(Type.String({ description: 'critical, warning or info' })),
          rule: Type.Optional(Type.String({ description: 'Id of a rule' })),
        }),
      ]),
    },
    operation: (request, seen) => {
      const row = requireTracker(parts, request, 'trail.read')
      const page = pageOf(request.query)
      const name = request.query.get('state') ?? 'active'
      const states = Object.hasOwn(statesBy, name) ? statesBy[name] : undefined
      if (states === undefined) throw badParameter('state')
      const severity = request.query.get('severity') ?? ''
      if (!/^(?:critical|warning|info)?$/.test(severity)) throw badParameter('severity')
      const rule = request.query.get('rule') ?? ''
      if (!/^[a-z0-9-]{0,64}$/.test(rule)) throw badParameter('rule')
      const found = alerts.list(row.id, { states, severity, rule, ...page })
      seen.response.totalResources = found.length
      const next = nextOf(found, page, ({ id }) => id)
      return { code: 200, result: { body: { alerts: found.map(alertView), next } } }
    },
  })

  addAccountRoute(app, door, {
    method: 'GET',
    url: `${alertsPath}/:alert`,
    action: 'activity-tracker.alert.read',
    ...common,
    schema: {
      summary: 'An alert: the events behind it, the rule as it was, and what became of it',
      tags: ['alerts'],
      params: AlertParams,
    },
    operation: (request, seen) => {
      const row = requireTracker(parts, request, 'trail.read')
      const alert = existingAlert(parts, row, request.params['alert'])
      seen.request.alert = alert.id
      return { code: 200, result: { body: wholeAlertView(alert, readSteps(reader, alert.id)) } }
    },
  })

  for (const step of steps) addStepRoute(app, parts, step)
}

function addStepRoute(app: FastifyInstance, parts: AlertRoutesParts, step: StepSpec): void {
  const comment = Text(commentMax, 'What is to be said about it')
  const Body = Type.Object(
    {
      comment: step.needsComment ? comment : Type.Optional(comment),
      ...(step.kind === 'assigned'
        ? {
            assignee: Type.Union([Type.String({ maxLength: 128 }), Type.Null()], {
              description: 'Id, or null: nobody',
            }),
          }
        : {}),
    },
    { additionalProperties: false },
  )
  const readBody = bodyReader(Body)
  addAccountRoute(app, parts.door, {
    method: 'POST',
    url: `${alertsPath}/:alert/${step.path}`,
    action: step.action,
    place: placeIn(parts),
    target: targetIn(parts),
    schema: { summary: step.summary, tags: ['alerts'], params: AlertParams, body: Body },
    operation: (request, given) => {
      const row = requireRules(parts, request)
      const seen = given as Seen<'activity-tracker.alert.close'>
      const before = existingAlert(parts, row, request.params['alert'])
      seen.request.alert = before.id
      seen.target = { id: seen.target.id, name: before.title }
      const body = readBody(request.body() ?? {}) as { readonly comment?: string; readonly assignee?: string | null }
      if (body.comment !== undefined) seen.request.comment = body.comment
      const isComment = step.kind === 'commented'
      if (isComment && countComments(parts.reader, before.id) >= alertLimits.comments)
        throw new Refusal('QUOTA_EXCEEDED')
      const now = parts.clock.now()
      const { id, name } = request.caller
      const by = { id, name }
      const after = step.after(before, by, now, assigneeOf(parts, row, body.assignee))
      refuseSecond(parts, before, after)
      Object.assign(seen.request, factsOf(step, before, after))
      const text = body.comment ?? (step.kind === 'assigned' ? (after.assigneeName ?? 'nobody') : null)
      const said = body.comment === undefined ? { by } : { by, comment: body.comment }
      const isTold = step.tells !== undefined && before.toldAt !== null
      return {
        code: 200,
        result: { body: alertView(after) },
        changes: [
          updateAlert(before, after),
          insertStep(before.id, { kind: step.kind, at: now, by: id, byName: name, text }),
          ...(isTold ? tellChannels(parts, row, step.tells, after, now, said) : []),
        ],
        settled: parts.queued,
      }
    },
  })
}

function existingAlert({ alerts }: Pick<AlertingParts, 'alerts'>, row: TrackerRow, id: string | undefined): AlertRow {
  const found = alerts.find(row.id, id ?? '')
  if (found === undefined) throw new Refusal('NOT_FOUND')
  return found
}

/** @throws Refusal INVALID_FIELD_ERR */
function assigneeOf(
  { identities }: AlertRoutesParts,
  { account }: TrackerRow,
  id: string | null | undefined,
): Person | undefined {
  if (id === null || id === undefined) return undefined
  const found = identities.find(account, id)
  if (found === undefined) {
    throw new Refusal('INVALID_FIELD_ERR', {
      message: 'assignee: The account has no such identity.',
      at: { type: 'field', name: 'assignee' },
    })
  }
  return { id: found.id, name: found.name }
}

/** Two alerts of one rule and group are not open at once: the second takes what fires. */
function refuseSecond({ alerts }: AlertRoutesParts, before: AlertRow, after: AlertRow): void {
  if (before.state !== 'closed' || after.state === 'closed') return
  if (alerts.openOf(before.tracker, before.rule, before.groupKey) !== undefined) throw new Refusal('ALREADY_EXISTS')
}

function factsOf(step: StepSpec, before: AlertRow, after: AlertRow): object {
  if (step.kind === 'commented') return {}
  if (step.kind !== 'assigned') return stateFacts(before, after)
  return {
    ...(before.assignee === null ? {} : { 'initialValue.assignee': before.assignee }),
    ...(after.assignee === null ? {} : { 'newValue.assignee': after.assignee }),
  }
}
