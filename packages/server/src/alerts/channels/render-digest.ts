/** A digest as sections of plain text: what e-mail shows as text and as HTML. */
import type { BySeverity, Digest } from './alert-message.ts'

export interface Section {
  readonly title: string
  readonly lines: readonly string[]
}

export function digestSections({ alerts, openAlerts, events, rules, channels, mutes, engine }: Digest): Section[] {
  return [
    {
      title: 'Alerts',
      lines: [
        `Raised: ${bySeverity(alerts.raised)}`,
        `Closed: ${bySeverity(alerts.closed)}`,
        `Not closed: ${bySeverity(alerts.open)}`,
      ],
    },
    {
      title: 'Alerts not closed',
      lines: listed(
        openAlerts.map(
          ({ title, severity, since, id }) => `${severity.toUpperCase()}  ${title}  since ${since}  (${id})`,
        ),
      ),
    },
    {
      title: 'Mutes',
      lines: listed(mutes.map(({ rule, reason, until }) => `${rule ?? 'all rules'} until ${until}: ${reason}`)),
    },
    {
      title: 'Events',
      lines: [`${events.total} in all, ${events.failures} failures, ${events.critical} critical`],
    },
    {
      title: 'Rules',
      lines: [
        `On: ${rules.on}`,
        `Suspended: ${namesOf(rules.suspended)}`,
        `Dead, their events go on and they never fire: ${namesOf(rules.dead)}`,
      ],
    },
    { title: 'Channels', lines: listed(channels.map(({ name, state }) => `${name}: ${state}`)) },
    { title: 'Engine', lines: [`${engine.state}, ${engine.lagMs} ms behind`] },
  ]
}

function bySeverity({ critical, warning, info }: BySeverity): string {
  return `${critical} critical, ${warning} warning, ${info} info`
}

function namesOf(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join('; ')
}

function listed(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? ['none'] : lines
}
