/** Has the browser prove that the log holds the events that a transcript is made of, as they are shown. */
import { useEffect } from 'react'
import type { TrailItem } from '../api/types.ts'
import { useRoom } from '../app/witness-room.tsx'
import { provableRows } from '../proof/prove-rows.ts'

/** @param events the same list as before while they are the same */
export function useStepProofs(events: readonly TrailItem[] | undefined): void {
  const { witness } = useRoom()
  useEffect(() => {
    witness.show(provableRows(events ?? []))
    return () => witness.show([])
  }, [witness, events])
}
