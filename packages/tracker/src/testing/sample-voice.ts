/** A voice for tests: events that say what they tell in the target's name. */
import type { AnomalySummary, Voice } from '../api.ts'
import { sampleEvent, sampleTime } from './sample-entries.ts'

/** One line of what an event of this voice tells. */
function wordsOf({ kind, first, last, count, index, lastIndex }: AnomalySummary): string {
  return `${kind} ${first}-${last} (${count}) at ${index}-${lastIndex}`
}

export const sampleVoice: Voice = {
  opening: (_, { epoch, sequence }) => ({
    ...sampleEvent(1, { action: 'hs-crypto.producer.start', name: `after ${epoch}/${sequence}`, time: sampleTime }),
    requestData: { epoch: epoch + 1, previousEpoch: epoch, previousSequence: sequence },
  }),
  pruned: ({ from, index }) => sampleEvent(1, { action: 'pruned', name: `${from}-${index}`, time: sampleTime }),
  anomaly: (summary) => sampleEvent(1, { action: 'odd', name: wordsOf(summary), time: sampleTime }),
}
