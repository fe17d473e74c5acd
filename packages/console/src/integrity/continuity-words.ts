/** What a continuity report says, as sentences: what is wrong first, then what is well. */
import type { ContinuityReport, Found, ProducerReport } from '../api/integrity-api.ts'

type SentenceName =
  | 'missing'
  | 'missingEpochs'
  | 'contradictions'
  | 'reused'
  | 'earlier'
  | 'late'
  | 'lateDated'
  | 'futureDated'
  | 'missedHeartbeats'
  | 'noGap'
  | 'heartbeats'
  | 'stops'
  | 'silence'

export interface Sentence {
  readonly name: SentenceName
  readonly tone: 'critical' | 'warning' | 'plain' | 'good'
  readonly count: number
  /** A length of time that it tells. */
  readonly seconds?: number
  /** Entry that shows it. */
  readonly index?: number
  /** Numbers of the first place. */
  readonly first?: number
  readonly last?: number
}

/** `broken`: something is missing or contradicts itself; `odd`: unusual, nothing is missing. */
export type ContinuityVerdict = 'whole' | 'odd' | 'broken'

const found = [
  ['missing', 'critical'],
  ['missingEpochs', 'critical'],
  ['contradictions', 'critical'],
  ['reused', 'critical'],
  ['earlier', 'warning'],
  ['late', 'warning'],
  ['lateDated', 'warning'],
  ['futureDated', 'warning'],
] as const

export function sentencesOf(producer: ProducerReport): readonly Sentence[] {
  const { heartbeats, longestSilence } = producer
  const wrong = found.flatMap(([name, tone]): Sentence[] => {
    const { count, places }: Found<{ index: number; first?: number; last?: number }> = producer[name]
    const [place] = places
    return count === 0 ? [] : [{ name, tone, count, ...placeOf(place) }]
  })
  const { missed, stops, recorded, everySeconds } = heartbeats
  const [firstMissed] = missed.places
  return [
    ...wrong,
    ...(producer.missing.count === 0 && producer.missingEpochs.count === 0
      ? [{ name: 'noGap', tone: 'good', count: producer.events } as const]
      : []),
    ...(missed.count === 0
      ? []
      : [
          {
            name: 'missedHeartbeats',
            tone: 'critical',
            count: missed.count,
            seconds: firstMissed?.seconds ?? 0,
            ...(firstMissed !== undefined && { index: firstMissed.after.index }),
          } as const,
        ]),
    ...(everySeconds === undefined || missed.count > 0
      ? []
      : [
          {
            name: 'heartbeats',
            tone: recorded === 0 ? 'plain' : 'good',
            count: recorded,
            seconds: everySeconds,
          } as const,
        ]),
    ...(stops.count === 0 ? [] : [{ name: 'stops', tone: 'plain', count: stops.count, ...stopOf(stops) } as const]),
    ...(longestSilence === undefined
      ? []
      : [
          {
            name: 'silence',
            tone: 'plain',
            count: 1,
            seconds: longestSilence.seconds,
            index: longestSilence.after.index,
          } as const,
        ]),
  ]
}

export function judge(report: ContinuityReport): ContinuityVerdict {
  const tones = report.producers.flatMap((producer) => sentencesOf(producer).map(({ tone }) => tone))
  if (report.unreadable > 0 || report.reconciliation.differing.count > 0 || tones.includes('critical')) return 'broken'
  return tones.includes('warning') ? 'odd' : 'whole'
}

function placeOf(
  place: { readonly index: number; readonly first?: number; readonly last?: number } | undefined,
): Pick<Sentence, 'index' | 'first' | 'last'> {
  if (place === undefined) return {}
  const { index, first, last } = place
  return { index, ...(first !== undefined && { first }), ...(last !== undefined && { last }) }
}

/** The longest of them, as far as they are listed. */
function stopOf({ places }: ProducerReport['heartbeats']['stops']): Pick<Sentence, 'seconds' | 'index'> {
  const [longest] = places.toSorted((a, b) => b.seconds - a.seconds)
  return longest === undefined ? {} : { seconds: longest.seconds, index: longest.after.index }
}
