/** An alert as the API shows it. */
import { timestamp } from '../../http/schema.ts'
import { type AlertRow, type AlertStep, eventsOf, groupsOf, ruleOf } from '../raising/alert-rows.ts'

export function alertView(row: AlertRow): object {
  const { remedy, name } = ruleOf(row)
  return {
    id: row.id,
    rule: row.rule,
    ruleName: name,
    ruleVersion: row.ruleVersion,
    severity: row.severity,
    state: row.state,
    isMuted: row.mute !== null,
    title: row.title,
    text: row.text,
    remedy,
    group: groupsOf(row),
    count: row.count,
    firstAt: timestamp(row.firstAt),
    lastAt: timestamp(row.lastAt),
    raisedAt: timestamp(row.raisedAt),
    ...(row.assignee === null ? {} : { assignee: { id: row.assignee, name: row.assigneeName ?? row.assignee } }),
    ...(row.closedAt === null ? {} : { closedAt: timestamp(row.closedAt) }),
  }
}

export function wholeAlertView(row: AlertRow, steps: readonly AlertStep[]): object {
  return {
    ...alertView(row),
    events: eventsOf(row),
    definition: ruleOf(row),
    steps: steps.map(({ number, kind, at, by, byName, text }) => ({
      number,
      kind,
      at: timestamp(at),
      by: { id: by, name: byName },
      ...(text === null ? {} : { text }),
    })),
  }
}
