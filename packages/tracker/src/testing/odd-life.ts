/** A short life of a log in which numbers are missing, late and reused, and that is told. */
import type { LifeStep } from './life.ts'
import { deliveries, delivery } from './sample-entries.ts'
import { sampleVoice } from './sample-voice.ts'

/** Every step may be repeated after it failed, and the whole life after a new start. */
export const oddSteps: readonly LifeStep[] = [
  { name: 'append 1 to 3', run: (tracker) => tracker.append(deliveries(1, 3)) },
  { name: 'append behind a gap', run: (tracker) => tracker.append(deliveries(6, 8)) },
  { name: 'append a late one', run: (tracker) => tracker.append([delivery(5)]) },
  {
    name: 'append reused numbers',
    run: (tracker) => tracker.append([delivery(2, { name: 'other' }), delivery(3, { name: 'other' })]),
  },
  { name: 'append behind epochs', run: (tracker) => tracker.append([delivery(9, { epoch: 4 })]) },
  { name: 'tell', run: (tracker) => tracker.tell(sampleVoice) },
  { name: 'append behind another gap', run: (tracker) => tracker.append([delivery(12)]) },
  { name: 'tell again', run: (tracker) => tracker.tell(sampleVoice) },
]
