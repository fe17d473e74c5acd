/** Two addresses one after the other that are further apart than anybody travels in the time between. */
import type { Locate } from '../alert-subject.ts'
import type { RuleQuery, TravelCondition } from '../rule.ts'
import { savedList, savedNumber, savedText } from '../saved-state.ts'
import { type Found, GroupedKind, nothing, type Setting, type Sight } from './kind.ts'
import { lateMs } from '../limits.ts'

const earthRadiusKm = 6_371.0088
/** No two places are further apart. */
const furthestKm = Math.PI * earthRadiusKm
const hourMs = 3_600_000

interface Place {
  readonly time: number
  readonly index: number
  readonly latitude: number
  readonly longitude: number
  readonly address: string
}

class LastPlace {
  place: Place | undefined

  get size(): number {
    return this.place === undefined ? 0 : 1
  }

  get characters(): number {
    return this.place?.address.length ?? 0
  }

  save(): unknown {
    const { time, index, latitude, longitude, address } = this.place!
    return [time, index, latitude, longitude, address]
  }
}

export class Travel extends GroupedKind<LastPlace> {
  readonly queries: readonly RuleQuery[]
  readonly lookbackMs: number
  readonly #locate: Locate | undefined
  readonly #speed: number
  readonly #least: number

  constructor({ query, speed, least }: TravelCondition, setting: Setting) {
    const lookbackMs = Math.ceil((furthestKm / speed) * hourMs) + lateMs
    super(setting, {
      make: () => new LastPlace(),
      load: (saved) => {
        const [time, index, latitude, longitude, address] = savedList(saved)
        const last = new LastPlace()
        last.place = {
          time: savedNumber(time),
          index: savedNumber(index),
          latitude: savedNumber(latitude),
          longitude: savedNumber(longitude),
          address: savedText(address),
        }
        return last
      },
      isSpent: ({ place }, now) => place === undefined || place.time < now - lookbackMs,
    })
    this.queries = [query]
    this.lookbackMs = lookbackMs
    this.#locate = setting.locate
    this.#speed = speed
    this.#least = least
  }

  protected look(last: LastPlace, { subject, time, index, group }: Sight): readonly Found[] {
    const { latitude, longitude } = (this.#locate === undefined ? undefined : subject.location(this.#locate)) ?? {}
    if (latitude === undefined || longitude === undefined) return nothing
    const place = { time, index, latitude, longitude, address: subject.address.slice(0, 64) }
    const before = last.place
    // Far behind: not this event came late, the one before said a time to come.
    if (before === undefined || time >= before.time || time < before.time - lateMs) last.place = place
    if (before === undefined) return nothing
    const kilometres = distanceKm(before, place)
    const hours = Math.abs(time - before.time) / hourMs
    if (kilometres < this.#least || kilometres <= this.#speed * hours) return nothing
    const [from, to] = before.time <= time ? [before, place] : [place, before]
    const facts = {
      kilometres: Math.round(kilometres),
      minutes: Math.round(hours * 60),
      from: from.address,
      to: to.address,
    }
    const events = [before.index, index].toSorted((a, b) => a - b)
    return [{ group: group.values, at: time, trigger: index, events, count: 2, facts }]
  }
}

/** The great-circle distance (haversine), which is exact for near places, too. */
export function distanceKm(
  a: { readonly latitude: number; readonly longitude: number },
  b: { readonly latitude: number; readonly longitude: number },
): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180
  const north = Math.sin(radians(b.latitude - a.latitude) / 2) ** 2
  const east = Math.sin(radians(b.longitude - a.longitude) / 2) ** 2
  const chord = north + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * east
  return 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(chord)))
}
