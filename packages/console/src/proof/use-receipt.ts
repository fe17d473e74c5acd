/** The receipt of one event: fetched when a checkpoint covers it, verified here, compared with what is remembered. */
import { type ActivityEvent, canonicalJson } from '@keywitness/cadf'
import { fromBase64, toHex } from '@keywitness/tlog'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { Api } from '../api/client.ts'
import { ApiError } from '../api/problem.ts'
import { useApi } from '../app/session.tsx'
import { useGrowth, useRoom, useWitnessState } from '../app/witness-room.tsx'
import type { AlarmKind } from './alarm.ts'
import { type TreeHead, isContinued } from './is-continued.ts'
import type { LogMemory } from './memory.ts'
import { type ReceiptFault, type ReceiptTrace, traceReceipt } from './receipt-steps.ts'

export interface ReceiptCheck {
  /** The `.tlog-proof` file, as it came. */
  readonly receipt: string
  readonly trace: ReceiptTrace
  /** Whether the receipt's tree and the one remembered are one growing log. Undefined when the trace has a fault. */
  readonly isContinuous: boolean | undefined
  /** The head it was compared with. */
  readonly remembered: TreeHead | undefined
  readonly key: string
  readonly keySeenAt: string
}

export type ReceiptState =
  /** No checkpoint covers the event yet, or the log itself is not checked yet. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'checking' }
  | { readonly kind: 'failed'; readonly error: Error; readonly retry: () => void }
  | { readonly kind: 'done'; readonly check: ReceiptCheck; readonly again: () => void }

export function useReceipt(event: ActivityEvent, index: number): ReceiptState {
  const api = useApi()
  const { tracker, witness } = useRoom()
  const { memory, phase } = useWitnessState()
  const { covered } = useGrowth()
  const isReady = memory !== undefined && memory.key !== '' && phase !== 'waiting' && index < covered
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['receipt', tracker.location, index],
    queryFn: ({ signal }) =>
      checkReceipt(api, { location: tracker.location, index, event }, witness.state.memory, signal),
    enabled: isReady,
    // A proof belongs to the moment: it is made again whenever it is looked at again.
    gcTime: 0,
    retry: (failures, cause) => failures < 5 && cause instanceof ApiError && cause.code === 'NOT_COVERED',
    retryDelay: 1000,
  })

  useEffect(() => {
    if (data === undefined) return
    const kind = alarmOf(data)
    if (kind === undefined && data.isContinuous === true) witness.markProven(index)
    if (kind === undefined) return
    const { checkpoint } = data.trace
    const root =
      checkpoint === undefined ? {} : { size: checkpoint.size, note: checkpoint.note, origin: checkpoint.origin }
    witness.report(kind, root, index)
  }, [data, witness, index])

  if (error !== null && !isFetching) return { kind: 'failed', error, retry: () => void refetch() }
  if (data !== undefined && !isFetching) return { kind: 'done', check: data, again: () => void refetch() }
  return { kind: isReady ? 'checking' : 'waiting' }
}

async function checkReceipt(
  api: Api,
  subject: { location: string; index: number; event: ActivityEvent },
  memory: LogMemory | undefined,
  signal: AbortSignal,
): Promise<ReceiptCheck> {
  if (memory === undefined) throw new Error('nothing is known of the log yet')
  const { location, index, event } = subject
  const receipt = await api.receipt(location, String(index), signal)
  const { origin, key, keySeenAt, head } = memory
  const trace = await traceReceipt({ receipt, key, origin, index, event: canonicalJson(event) })
  const found = { receipt, trace, key, keySeenAt, remembered: head }
  if (trace.fault !== undefined || trace.checkpoint === undefined) return { ...found, isContinuous: undefined }
  if (head === undefined) return { ...found, isContinuous: true }
  const { size, root } = trace.checkpoint
  const same = size === head.size && root === toHex(fromBase64(head.root) ?? new Uint8Array())
  const isContinuous = same || (await isContinued(api.log(location), head, { size, root: base64OfHex(root) }))
  return { ...found, isContinuous }
}

const alarms: { readonly [Fault in ReceiptFault]?: AlarmKind } = {
  event: 'row-differs',
  path: 'not-in-log',
  signature: 'bad-signature',
  origin: 'other-origin',
}

/** A file that is no receipt at all proves nothing; everything else that fails contradicts what was verified. */
function alarmOf({ trace, isContinuous }: ReceiptCheck): AlarmKind | undefined {
  if (trace.fault !== undefined) return alarms[trace.fault]
  return isContinuous === false ? 'inconsistent' : undefined
}

function base64OfHex(hex: string): string {
  return btoa((hex.match(/../g) ?? []).map((pair) => String.fromCharCode(Number.parseInt(pair, 16))).join(''))
}
