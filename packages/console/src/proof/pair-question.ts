/** Two checkpoints asked about by what this browser trusts; and what of it the whole console must say. */
import { useEffect } from 'react'
import { useRoom } from '../app/witness-room.tsx'
import type { AlarmEvidence } from './alarm.ts'
import type { PairQuestion, PairTrace } from './prove-pair.ts'
import type { Witness } from './witness.ts'

export type { PairTrace } from './prove-pair.ts'

/** Two signed notes, in any order. */
type Notes = readonly [string, string]

export function pairQuestion(witness: Witness, origin: string, notes: Notes): PairQuestion {
  const { memory } = witness.state
  return { origin, keys: [memory?.key ?? '', ...(memory?.formerKeys ?? [])], notes, head: memory?.head }
}

/** Both signed by the log, and not of one history: then the log contradicts itself. Undefined where it does not. */
export function contradictionIn(trace: PairTrace, notes: Notes): AlarmEvidence | undefined {
  const { fault, older, newer, strange } = trace
  if (fault !== 'trees' && fault !== 'head') return undefined
  if (older?.signature !== 'good' || newer?.signature !== 'good') return undefined
  const seen = strange === 'older' ? older : newer
  const note = notes.find((each) => each.split('\n')[1] === String(seen.size))
  return { size: seen.size, root: seen.root, ...(note !== undefined && { note }) }
}

/** Raises the alarm when two checkpoints contradict each other. */
export function useContradiction(trace: PairTrace | undefined, [one, other]: Notes): void {
  const { witness, tracker } = useRoom()
  useEffect(() => {
    const found = trace === undefined ? undefined : contradictionIn(trace, [one, other])
    if (found !== undefined) witness.report('inconsistent', { origin: tracker.origin, ...found })
  }, [trace, one, other, witness, tracker.origin])
}
