/** Raising alerts for tests: the real store and audit door, rules and channels put there straight away. */
import type { AlertSeverity, Rule } from '@keywitness/tracker/alerts'
import { insertTarget } from '../../outbound/targets.ts'
import { createSealer } from '../../seal.ts'
import type { Change } from '../../store/store.ts'
import { type AuditHouse, openAuditHouse } from '../../testing/audit-house.ts'
import { trackerNames } from '../../trail/trackers.ts'
import type { TrackerRow } from '../../trail/trail.ts'
import { insertChannel, readChannels } from '../channels/channel-rows.ts'
import type { Fired } from '../engine/messages.ts'
import { insertMute, readMutes } from '../mutes.ts'
import { type AlertRow, readAlerts } from '../raising/alert-rows.ts'
import { raise, type RaisingParts, type Seen } from '../raising/raise.ts'
import { beginEngine, readRules, type RuleRow, writeRule } from '../rules/rule-rows.ts'

export const account = 'a'.repeat(32)
export const tracker: TrackerRow = {
  account,
  location: 'us-south',
  id: '0c9c6f7e-0000-4000-8000-000000000001',
  origin: 'keywitness/us-south/0c9c6f7e-0000-4000-8000-000000000001',
  created_at: 0,
}

export function plainRule(given: Partial<Rule> = {}): Rule {
  return {
    id: 'deleted',
    name: 'Key deleted',
    description: 'A key was deleted.',
    remedy: 'Ask who did it.',
    severity: 'critical',
    groupBy: ['key'],
    when: { kind: 'match', query: 'action:*.delete' },
    ...given,
  }
}

export interface AlertHouse extends AuditHouse {
  readonly parts: RaisingParts
  /** Puts a rule there that is on. */
  rule(given?: Partial<Rule>, row?: Partial<RuleRow>): Rule
  channel(id: string, minimum: AlertSeverity): void
  mute(rule: string | null, untilMs: number): string
  seen(given: Partial<Seen>): Promise<void>
  alerts(): AlertRow[]
  /** Messages to channels, oldest first. */
  messages(): { readonly channel: string; readonly type: string; readonly title: string }[]
  apply(changes: readonly Change[]): void
}

/** A rule fired for an event. */
export function fired(trigger: number, given: Partial<Fired> = {}): Fired {
  return {
    rule: 'deleted',
    version: 1,
    group: [{ field: 'key', value: 'k1', name: 'billing' }],
    trigger,
    at: Date.parse('2026-03-01T11:59:00Z') + trigger,
    count: 1,
    facts: {},
    events: [
      { id: `e${trigger}`, index: trigger, time: '2026-03-01T11:59:00Z', sentence: 'Ana deleted root key billing' },
    ],
    ...given,
  }
}

export function openAlertHouse(): AlertHouse {
  const house = openAuditHouse()
  const { store, clock, audit } = house
  let random = 0
  const apply = (changes: readonly Change[]): void => {
    for (const { sql, params, rows } of changes) {
      if (store.run(sql, params) !== rows) throw new Error(`not ${rows} rows: ${sql}`)
    }
  }
  store.run(
    `INSERT INTO accounts (id, name, home, operator, created_at, created_by) VALUES (?, 'a', 'us-south', 1, 0, 'nobody')`,
    [account],
  )
  store.run("INSERT INTO trackers VALUES (?, ?, ?, ?, 0, 'test')", [
    account,
    tracker.location,
    tracker.id,
    tracker.origin,
  ])
  apply([beginEngine(tracker.id, 0)])
  const parts: RaisingParts = {
    audit,
    clock,
    names: trackerNames('keywitness'),
    serviceName: 'Keywitness',
    alerts: readAlerts(store),
    rules: readRules(store),
    mutes: readMutes(store),
    channels: readChannels(store),
    // Ids in the order in which they are made.
    random: (bytes) => {
      const made = new Uint8Array(bytes)
      new DataView(made.buffer).setUint32(bytes - 4, random++)
      return made
    },
    consoleUrl: () => 'https://audit.example.com/',
    carry: async (changes) => apply(changes),
    queued: () => undefined,
  }
  const sealer = createSealer(new Uint8Array(32))
  return {
    ...house,
    parts,
    apply,
    rule: (given, row) => {
      const rule = plainRule(given)
      apply(
        writeRule(
          {
            tracker: tracker.id,
            id: rule.id,
            version: 1,
            rule,
            isEnabled: true,
            liveFrom: 0,
            hasJoined: true,
            enabledAt: 0,
            suspended: null,
            shipped: null,
            changedAt: 0,
            changedBy: 'ana',
            changedByName: 'Ana',
            ...row,
          },
          undefined,
        ),
      )
      return rule
    },
    channel: (id, minimum) => {
      const target = { id: `target-${id}`, account, url: 'https://example.com/', createdAt: 0, createdBy: 'ana' }
      apply([
        ...insertTarget(target, 'whsec_c2VjcmV0', sealer),
        insertChannel({ tracker: tracker.id, id, name: id, target: target.id, minimum, isOn: 1 }, 0),
      ])
    },
    mute: (rule, untilMs) => {
      const id = `00000000-0000-4000-8000-${String(untilMs % 1e12).padStart(12, '0')}`
      const facts = { createdAt: 0, createdBy: 'ana', createdByName: 'Ana', state: 'active', muted: 0 } as const
      apply([
        insertMute({
          id,
          tracker: tracker.id,
          rule,
          groups: null,
          query: null,
          reason: 'maintenance',
          until: clock.time + untilMs,
          ...facts,
        }),
      ])
      return id
    },
    seen: (given) => raise(parts, tracker, { fired: [], joined: [], ...given }),
    alerts: () => parts.alerts.list(tracker.id, { states: ['open', 'acknowledged', 'closed'], after: '', limit: 500 }),
    messages: () =>
      store
        .all<{ channel: string; type: string; body: string }>(
          `SELECT c.id AS channel, m.type, m.body FROM outbound_messages m JOIN alert_channels c ON c.target = m.target
            ORDER BY m.created_at, m.id`,
        )
        .map(({ channel, type, body }) => ({ channel, type, title: (JSON.parse(body) as { title: string }).title })),
  }
}
