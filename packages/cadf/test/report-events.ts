/** Hand-made events for the tests of reports: only what a report looks at, everything else empty. */
import { reportEvent, type ReportEvent } from '../src/index.ts'

interface Made {
  readonly action: string
  readonly at?: string
  readonly who?: string
  readonly address?: string
  readonly outcome?: string
  readonly code?: number
  readonly reason?: string
  readonly key?: string
  readonly target?: string
  readonly request?: object
  readonly response?: object
}

/** Events in the order of the log, their indexes from 10 on. */
export function reportEvents(...made: readonly Made[]): ReportEvent[] {
  return made.map((each, at) => {
    const { action, who = 'Ana', address = '203.0.113.7', outcome = 'success', key, request = {}, response = {} } = each
    const { target = key ?? 'it', code = outcome === 'failure' ? 403 : 200, reason } = each
    const event = {
      action,
      eventTime: each.at ?? `2026-11-${String(10 + at).padStart(2, '0')}T12:00:00.00+0000`,
      outcome,
      initiator: { id: `IBMid-${who}`, name: who, host: { address } },
      target: {
        id: `crn:v1:keywitness:public:hs-crypto:us-south:a/1:i-1:${key === undefined ? 'thing' : 'key'}:${key ?? target}`,
        name: target,
      },
      reason: { reasonCode: code, reasonForFailure: reason },
      requestData: { instanceID: 'i-1', ...request },
      responseData: response,
      logSourceCRN: 'crn:v1:keywitness:public:hs-crypto:us-south:a/1:i-1::',
    }
    return reportEvent({ event }, { index: 10 + at, leafHash: '' })
  })
}

export const quarter = { from: Date.UTC(2026, 9, 1), to: Date.UTC(2027, 0, 1) }
