/** What the server finds when it goes over the log of the period, entry by entry: producers, gaps, heartbeats, counts. */
import {
  flagIn,
  lackWhere,
  listIn,
  type NowFound,
  type NowPart,
  type NowQuestion,
  type NowReader,
  nowTable,
  numberIn,
  secondsIn,
  textIn,
  tracker,
} from './now-part.ts'
import { type Cell, columns, count, type ReportFact } from './report.ts'
import { dataOf, memberText, type ReportData } from './report-event.ts'

export const continuityNow: NowPart = { id: 'continuity', read }

async function read(ask: NowReader, question: NowQuestion): Promise<NowFound> {
  const { from, to } = question
  const { body, at } = await ask(`${tracker(question)}/continuity`, { from, to })
  const report = dataOf(body)
  const covered = numberIn(report['covered']) ?? 0
  const signed = await ask(`${tracker(question)}/log/checkpoints`, { limit: '1', before: String(covered + 1) })
  const [checkpoint = {}] = listIn(dataOf(signed.body)['checkpoints'])
  const producers = listIn(report['producers'])
  return {
    asOf: at,
    facts: factsOf(report, checkpoint),
    tables: [
      nowTable('producersNow', producerColumns, at, producers.map(producerCells)),
      nowTable(
        'gapsNow',
        columns('producer', 'gap:code', 'first:count', 'last:count', 'index:count'),
        at,
        producers.flatMap(gapCells),
      ),
      nowTable(
        'countsNow',
        columns('producer', 'first:count', 'last:count', 'recorded:count', 'logged:count', 'data'),
        at,
        placesOf(dataOf(report['reconciliation']), 'differing').map((place) => [
          memberText(place, 'producer'),
          ...['first', 'last', 'recorded', 'logged'].map((name) => numberIn(place[name])),
          memberText(place, 'actions'),
        ]),
      ),
    ],
    lacks: lackWhere(flagIn(dataOf(report['looked'])['isWhole']) === 'no', 'not-whole'),
  }
}

function factsOf(report: ReportData, checkpoint: ReportData): ReportFact[] {
  const looked = dataOf(report['looked'])
  const counts = dataOf(report['reconciliation'])
  const entries = (numberIn(looked['to']) ?? 0) - (numberIn(looked['from']) ?? 0)
  const longest = dataOf(dataOf(report['checkpoints'])['longestUncovered'])
  return [
    count('entriesLooked', entries),
    count('covered', numberIn(report['covered']) ?? 0),
    count('checkpointSize', numberIn(checkpoint['size']) ?? 0),
    { id: 'checkpointRoot', kind: 'text', value: textIn(checkpoint['root']) },
    { id: 'checkpointSigned', kind: 'time', value: textIn(checkpoint['signedAt']) },
    count('unreadable', numberIn(report['unreadable']) ?? 0),
    count('countsAgree', numberIn(counts['agreeing']) ?? 0),
    count('countsDiffer', numberIn(dataOf(counts['differing'])['count']) ?? 0),
    count('repeats', numberIn(report['repeats']) ?? 0),
    { id: 'longestUncovered', kind: 'duration', value: secondsIn(longest['seconds']) },
  ]
}

const gaps = ['missing', 'late', 'reused', 'earlier', 'missingEpochs', 'contradictions'] as const
const dated = ['lateDated', 'futureDated'] as const

const producerColumns = columns(
  'producer',
  'producerKind:code',
  'events:count',
  'first:count',
  'last:count',
  'epochs:count',
  ...[...gaps, ...dated].map((name) => `${name}:count`),
  'heartbeats:count',
  'missedHeartbeats:count',
  'stops:count',
  'longestSilence:duration',
)

function producerCells(producer: ReportData): Cell[] {
  const number = (name: string): number | undefined => numberIn(producer[name])
  const found = (data: ReportData, name: string): number | undefined => numberIn(dataOf(data[name])['count'])
  const heartbeats = dataOf(producer['heartbeats'])
  return [
    memberText(producer, 'producer'),
    memberText(producer, 'kind'),
    number('events'),
    number('first'),
    number('last'),
    found(producer, 'epochs'),
    ...[...gaps, ...dated].map((name) => found(producer, name)),
    numberIn(heartbeats['recorded']),
    found(heartbeats, 'missed'),
    found(heartbeats, 'stops'),
    secondsIn(dataOf(producer['longestSilence'])['seconds']),
  ]
}

/** The places that the server names of each kind: not all where there are many. */
function gapCells(producer: ReportData): Cell[][] {
  return gaps.flatMap((name) =>
    placesOf(producer, name).map((place): Cell[] => [
      memberText(producer, 'producer'),
      name,
      ...['first', 'last', 'index'].map((member) => numberIn(place[member])),
    ]),
  )
}

function placesOf(data: ReportData, name: string): ReportData[] {
  return listIn(dataOf(data[name])['places'])
}
