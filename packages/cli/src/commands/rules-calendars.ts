/** `keywitness rules calendars …`: working hours, inside or outside of which rules count events. */
import type { Command } from 'commander'
import { callAt, listAt, partOf, pathOf } from '../alerts-api.ts'
import { CliError } from '../cli-error.ts'
import { examples, withTrail } from '../command-options.ts'
import { type Item, textOf } from '../iam-api.ts'
import { printable, printableJson } from '../printable.ts'
import { advised } from '../refusal-advice.ts'
import { printList } from '../resource-output.ts'
import { readCalendarFile } from '../rule-file.ts'
import { paint, type Surroundings } from '../surroundings.ts'
import { part, rowLines } from '../text-lines.ts'
import { openTrail, type TrailApi, type TrailOptions } from '../trail-api.ts'

interface Options extends TrailOptions {
  readonly json?: boolean
}

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const

export function addRulesCalendars(calendars: Command, io: Surroundings): void {
  const list = withTrail(calendars.command('list'))
    .description('the calendars')
    .option('--json', 'as JSON')
    .action(async (options: Options) => {
      printList(io, options.json, 'calendars', await all(await openTrail(io, options)), [
        { title: 'id' },
        { title: 'zone' },
        { title: 'holidays', of: (one) => String(daysOf(one).length) },
        { title: 'name', isWide: true },
      ])
    })
  examples(list, 'rules calendars list')

  const show = withTrail(calendars.command('show'))
    .description('the hours and holidays of a calendar')
    .argument('<calendar>', 'its id')
    .option('--json', 'as JSON, which rules calendars set takes again')
    .action((id: string, options: Options) => showCalendar(io, id, options))
  examples(show, 'rules calendars show working-hours', 'rules calendars show working-hours --json > hours.json')

  const set = withTrail(calendars.command('set'))
    .description('make or change a calendar; rules that count by it begin anew')
    .argument('<calendar>', 'its id')
    .argument('<file>', 'the calendar as JSON (- is the standard input)')
    .option('--json', 'as JSON')
    .action(async (id: string, file: string, options: Options) => {
      const calendar = await readCalendarFile(file, id)
      const made = await callAt(await openTrail(io, options), 'PUT', pathOf('calendars', id), calendar)
      io.out.write(options.json === true ? `${printableJson(made, 2)}\n` : `set ${printable(id)}\n`)
    })
  examples(set, 'rules calendars set working-hours hours.json')

  const remove = withTrail(calendars.command('delete'))
    .description('delete a calendar that no rule uses')
    .argument('<calendar>', 'its id')
    .action(async (id: string, options: TrailOptions) => {
      const trail = await openTrail(io, options)
      const advice = { IN_USE: 'change the rules that count by it first' }
      await advised(advice, callAt(trail, 'DELETE', pathOf('calendars', id)))
      io.out.write(`deleted ${printable(id)}\n`)
    })
  examples(remove, 'rules calendars delete old-hours')
}

async function all(trail: TrailApi): Promise<Item[]> {
  return await listAt(trail, '/calendars', 'calendars')
}

function daysOf(calendar: Item): string[] {
  const days = calendar['holidays']
  return Array.isArray(days) ? days.map(String) : []
}

async function showCalendar(io: Surroundings, id: string, options: Options): Promise<void> {
  const calendar = (await all(await openTrail(io, options))).find((one) => textOf(one, 'id') === id)
  if (calendar === undefined) {
    throw new CliError('BAD_INPUT', `there is no calendar ${id}`, 'see keywitness rules calendars list')
  }
  if (options.json === true) {
    io.out.write(`${printableJson(calendar, 2)}\n`)
    return
  }
  const hours = partOf(calendar, 'hours')
  const rows = weekdays.map((day, at) => [day, rangesOf(hours[String(at + 1)])] as const)
  const lines = [
    paint(io, 'bold', printable(textOf(calendar, 'name'))),
    ...rowLines(io, [['id', id], ['zone', textOf(calendar, 'zone')], ...rows]),
    ...part(
      io,
      'holidays',
      daysOf(calendar).map((day) => `  ${printable(day)}`),
    ),
  ]
  io.out.write(`${lines.join('\n')}\n`)
}

function rangesOf(ranges: unknown): string {
  if (!Array.isArray(ranges) || ranges.length === 0) return 'outside'
  return ranges.map((range) => (Array.isArray(range) ? range.map(String).join('–') : '')).join(', ')
}
