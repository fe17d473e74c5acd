/** `keywitness alerts watch`: alerts as they are raised. */
import type { Command } from 'commander'
import { itemAt, pathOf } from '../alerts-api.ts'
import { memberOf } from '../api-client.ts'
import { examples, withTrail, wholeNumber } from '../command-options.ts'
import { followEvents } from '../event-following.ts'
import { type Item, textOf } from '../iam-api.ts'
import { printable, printableJson } from '../printable.ts'
import { paint, type Surroundings } from '../surroundings.ts'
import { severityStyle, timeText } from '../text-lines.ts'
import { openTrail, type TrailOptions } from '../trail-api.ts'

interface Options extends TrailOptions {
  readonly count?: number
  readonly json?: boolean
}

/** Their events tell of them at once: asking for the list again and again would fill the trail. */
const query = 'action:==activity-tracker.alert.raise outcome:success'

export function addAlertsWatch(alerts: Command, io: Surroundings): void {
  const command = withTrail(alerts.command('watch'))
    .description('alerts as they are raised, muted ones too, until interrupted')
    .option('-n, --count <count>', 'end after this many alerts', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--json', 'as JSON, one alert on a line')
    .action((options: Options) => watchAlerts(io, options))
  examples(command, 'alerts watch', 'alerts watch --count 1 --json')
}

async function watchAlerts(io: Surroundings, options: Options): Promise<void> {
  const trail = await openTrail(io, options)
  let left = options.count ?? Infinity
  for await (const events of followEvents(io, trail, { query }, undefined)) {
    for (const { event } of events.slice(0, left)) {
      const id = memberOf(memberOf(event, 'responseData'), 'alert')
      const alert = await itemAt(trail, pathOf('alerts', String(id)))
      io.out.write(options.json === true ? `${printableJson(alert)}\n` : lineOf(io, alert))
    }
    left -= Math.min(left, events.length)
    if (left === 0) return
  }
}

function lineOf(io: Surroundings, alert: Item): string {
  const severity = printable(textOf(alert, 'severity'))
  const mark = paint(io, severityStyle(severity), severity.padEnd(8))
  const muted = alert['isMuted'] === true ? ' (muted)' : ''
  const time = printable(timeText(io, textOf(alert, 'raisedAt')))
  const id = paint(io, 'dim', printable(textOf(alert, 'id')))
  return `${paint(io, 'dim', time)}  ${mark}  ${printable(textOf(alert, 'title'))}${muted}  ${id}\n`
}
