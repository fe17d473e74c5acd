/** `keywitness tke cryptounits`, `cryptounit-add` and `cryptounit-rm`: which units there are, and which commands act on. */
import type { Command } from 'commander'
import { examples, several, withInstance } from '../command-options.ts'
import { printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'
import { givenWords } from '../tke/consent.ts'
import { isJson, type UnitOptions, withOutput } from '../tke/options.ts'
import { entryOf, openTke, type TkeSession } from '../tke/session.ts'
import type { UnitEntry } from '../tke/tke-api.ts'

export function addTkeUnits(tke: Command, io: Surroundings): void {
  const list = withOutput(withInstance(tke.command('cryptounits')))
    .description('the crypto units of the instance, and which are selected')
    .action(async (options: UnitOptions) => {
      await printUnits(await openTke(io, options), options)
      if (io.out.isTerminal) io.err.write('All units of an instance must be configured alike.\n')
    })
  examples(list, 'tke cryptounits', 'tke cryptounits --output json')

  for (const [how, description, example] of [
    ['cryptounit-add', 'select units that the other commands act on', 'tke cryptounit-add --unit 1 --unit 2'],
    ['cryptounit-rm', 'act on units no more', 'tke cryptounit-rm --unit 2'],
  ] as const) {
    const command = withOutput(withInstance(tke.command(how)))
      .description(description)
      .option('--unit <unit>', 'a crypto unit, by number, id or location; may be given several times', several)
      .action((options: UnitOptions) => changeSelection(io, options, how === 'cryptounit-add'))
    examples(command, example)
  }
}

async function changeSelection(io: Surroundings, options: UnitOptions, isAdding: boolean): Promise<void> {
  const session = await openTke(io, options)
  if (options.unit === undefined && io.askText !== undefined) await printUnits(session, {})
  const names = await givenWords(io, options.unit, 'Numbers of crypto units', '--unit')
  const named = names.map((name) => entryOf(session, name))
  const before = await session.contexts.selected(session.api)
  const isWanted = ({ hsmId }: UnitEntry): boolean => {
    const isNamed = named.some((unit) => unit.hsmId === hsmId)
    return isAdding ? isNamed || before.includes(hsmId) : before.includes(hsmId) && !isNamed
  }
  await session.contexts.select(session.api, session.entries.filter(isWanted))
  await printUnits(session, options)
}

/** The units of an instance, as `keywitness tke cryptounits` shows them. */
export async function printUnits(session: TkeSession, options: UnitOptions): Promise<void> {
  const selected = await session.contexts.selected(session.api)
  const units = session.entries.map((entry) => ({
    number: entry.number,
    selected: selected.includes(entry.hsmId),
    type: entry.kind,
    location: entry.location,
    state: entry.state,
    serial: entry.serial,
    id: entry.hsmId,
  }))
  printList(session.io, isJson(options), 'units', units, [
    { title: 'number' },
    { title: 'selected', of: (unit) => (unit.selected ? 'yes' : 'no') },
    { title: 'type' },
    { title: 'location' },
    { title: 'state', style: (unit) => (/^(ready|imprint)$/.test(unit.state) ? undefined : 'red') },
    { title: 'serial', isExtra: true },
    { title: 'id', isExtra: true },
  ])
}
