/** The entry that announces a key, as the server's outbox would deliver it. */
import { buildEvent, entryBytes, initiatorTypes, uuidv7 } from '@keywitness/cadf'
import type { Delivery } from '../api.ts'
import type { PreparedKey } from '../key-api.ts'
import { producerB, sampleTime } from './sample-entries.ts'

const crn = 'crn:v1:keywitness:public:activity-tracker:us-south:a/a1b2c3d4e5f60718293a4b5c6d7e8f90:t1::'

/** @param sequence producer B's number of it */
export function announcement(
  { vkey, previous, voucher }: PreparedKey,
  {
    overlapSeconds = 0,
    sequence = 1,
    outcome = 'success',
  }: { readonly overlapSeconds?: number; readonly sequence?: number; readonly outcome?: 'success' | 'failure' } = {},
): Delivery {
  const event = buildEvent<'activity-tracker.log-key.rotate'>(
    {
      action: 'activity-tracker.log-key.rotate',
      outcome,
      reason: { code: outcome === 'success' ? 202 : 409 },
      initiator: { id: 'IBMid-1', name: 'Ana', typeURI: initiatorTypes.user, credential: { type: 'token' } },
      target: { id: crn, name: 'us-south' },
      logSourceCRN: crn,
      request: { overlapSeconds },
      response: { newKey: vkey, previousKey: previous, voucher },
    },
    { id: uuidv7(sampleTime, new Uint8Array(10)), time: sampleTime, serviceName: 'Keywitness' },
  )
  const bytes = entryBytes(event, { id: producerB, epoch: 1 }, sequence)
  return { producer: producerB, epoch: 1, sequence, bytes, received: sampleTime }
}
