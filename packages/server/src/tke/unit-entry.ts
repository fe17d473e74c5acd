/** A crypto unit as the lists of the TKE protocol have it (TKE reference, section 1.4). */
import { type Static, Type } from 'typebox'
import { unitStandings } from '../units/unit-standings.ts'
import type { UnitView } from '../units/units.ts'

export const UnitEntry = Type.Object({
  hsm_id: Type.String(),
  location: Type.String(),
  serial_number: Type.String(),
  state: Type.Enum([...unitStandings]),
  version: Type.Integer(),
})

type Listed = Pick<UnitView, 'unit' | 'location' | 'serial' | 'standing' | 'revision'>

export function entryOf({ unit, location, serial, standing, revision }: Listed): Static<typeof UnitEntry> {
  return { hsm_id: unit, location, serial_number: serial, state: standing, version: revision }
}
