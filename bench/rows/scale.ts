/** Row: a log that grows far beyond a million events, alone: what each further million costs, and what questions cost then. */
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { openReader, openTracker } from '@keywitness/tracker'
import { parseEntry } from '@keywitness/cadf'
import { writeEntries } from '../harness/entry-file.ts'
import { eventEveryMs, firstTime, generatedEvents, initiatorOf, initiators, rareWord } from '../harness/events.ts'
import { wholeBelow } from '../harness/random.ts'
import type { Bench, Figure, Row, RowReport } from '../harness/row.ts'
import { percentile, short } from '../harness/statistics.ts'
import { fillLogFrom, newLogPlace } from '../load/filled-log.ts'

const portion = 1_000_000
const asked = 200
const newest = 50

export const scale: Row = {
  name: 'scale',
  title: 'A log of ten times as many events, alone',
  run: measure,
}

async function measure(bench: Bench): Promise<RowReport> {
  const { workshop, options, random, say } = bench
  const size = options.events * 10
  const each = Math.min(portion, options.events)
  const events = generatedEvents(size)
  const place = newLogPlace(bench)
  const rates: number[] = []
  for (let done = 0; done < size; done += each) {
    const file = join(workshop.folder, 'portion')
    writeEntries(file, events, each)
    rates.push(each / (await fillLogFrom(bench, place, file, each)).seconds)
    rmSync(file)
    say(`${done + each} events, the last ${each} at ${short(rates.at(-1))} per second`)
  }

  const { folder, keyFolder, origin } = place
  const opening = performance.now()
  openTracker({ folder, keyFolder, origin, clock: { now: () => Date.now() } }).close()
  const openedMs = performance.now() - opening
  const reader = openReader(place)
  const p50 = (count: number, ask: () => unknown): number => {
    const times: number[] = []
    for (let turn = 0; turn < count; turn++) {
      const began = performance.now()
      ask()
      times.push(performance.now() - began)
    }
    return percentile(times, 0.5)
  }
  const ids = Array.from({ length: asked }, () => parseEntry(reader.entry(wholeBelow(random, size))).event.id)
  const people = Array.from({ length: 20 }, () => initiatorOf(wholeBelow(random, initiators)))
  const span = size * eventEveryMs
  const edges = Array.from({ length: 61 }, (_, at) => firstTime + at * Math.ceil(span / 60))
  let turn = 0
  const questions: Readonly<Record<string, number>> = {
    'event by id': p50(asked, () => reader.byId(ids[turn++ % asked] ?? '')),
    'initiator in a tenth of the time, newest 50': p50(asked, () => {
      const from = firstTime + Math.floor(random() * 0.9 * span)
      return reader.events({
        initiator: people[turn++ % people.length] ?? '',
        from,
        to: from + span / 10,
        limit: newest,
      })
    }),
    'rare word': p50(5, () => reader.events({ text: rareWord, limit: newest })),
    'histogram of all events': p50(5, () => reader.histogram({}, edges, 'outcome')),
    'ten most frequent initiators': p50(5, () => reader.facets({}, ['initiator'], 10)),
    'count of failures that are no wraps': p50(3, () => reader.count({ query: 'outcome:failure -action:*.wrap' })),
    'live tail resumed, 200 events': p50(asked, () => reader.since(wholeBelow(random, size - 300), { limit: 200 })),
  }
  const { total } = reader.histogram({}, edges, 'outcome')
  if (total !== size || reader.covered() !== size) throw new Error(`${total} of ${size} events are counted`)
  reader.close()
  const bytes = bytesIn(folder)
  const decay: Figure = {
    what: `ingest of the last ${each.toLocaleString('en')} events`,
    beside: `the first ${each.toLocaleString('en')}`,
    unit: 'times',
    rounds: [(rates.at(-1) ?? 0) / (rates[0] ?? 1)],
    must: 0.8,
    goal: 1,
  }
  return {
    figures: [decay],
    absolute: [
      `events/s of each million: ${rates.map(short).join(', ')}`,
      `opened for writing in ${short(openedMs)} ms`,
      `${short(bytes / size)} bytes on the disk per event, search tables included`,
      ...Object.entries(questions).map(([what, ms]) => `${what}: p50 ${short(ms)} ms`),
    ],
    checks: ['every event is covered by the signed checkpoint and stands in the histogram'],
    skipped: [],
    raw: {},
  }
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(folder, name)))
    .reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0)
}
