/** Whether one may keep what everybody sees of this trail: shared views, rules. */
import { useRights } from '../app/rights.ts'
import { useRoom } from '../app/witness-room.tsx'

export function useMaySave(): boolean {
  const may = useRights()
  const { location } = useRoom().tracker
  return may('trail.watch', { tracker: location })
}
