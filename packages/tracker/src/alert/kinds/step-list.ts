/** The events of one step of a sequence, in order of time and index. */
import { StateError } from '../rule-error.ts'
import { savedList, savedNumbers, savedTexts } from '../saved-state.ts'

export interface StepEvent {
  readonly time: number
  readonly index: number
  /** Values that are compared with those of another step. */
  readonly values: readonly string[]
}

export class StepList {
  readonly events: StepEvent[] = []
  characters = 0

  /** First place whose event is not before this time and index. */
  placeOf(time: number, index: number): number {
    let low = 0
    let high = this.events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const event = this.events[middle]!
      if (event.time < time || (event.time === time && event.index < index)) low = middle + 1
      else high = middle
    }
    return low
  }

  add(event: StepEvent): number {
    const place = this.placeOf(event.time, event.index)
    if (place === this.events.length) this.events.push(event)
    else this.events.splice(place, 0, event)
    this.characters += charactersOf(event)
    return place
  }

  remove(place: number, count: number): void {
    if (count <= 0) return
    for (const event of this.events.splice(place, count)) this.characters -= charactersOf(event)
  }

  save(): unknown {
    return this.events.map(({ time, index, values }) => [[time, index], values])
  }

  static load(saved: unknown, most: number): StepList {
    const list = new StepList()
    for (const item of savedList(saved)) {
      const [place, values] = savedList(item)
      const [time, index] = savedNumbers(place)
      if (time === undefined || index === undefined) throw new StateError('an event of a step has no place')
      const event = { time, index, values: savedTexts(values) }
      list.events.push(event)
      list.characters += charactersOf(event)
    }
    if (list.events.length > most) throw new StateError('it is larger than any')
    return list
  }
}

function charactersOf({ values }: StepEvent): number {
  return values.reduce((sum, value) => sum + value.length, 0)
}
