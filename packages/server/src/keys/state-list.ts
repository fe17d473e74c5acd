/** Lists of states as queries write them: numbers from 0 to 5, separated by commas. */
import type { KeyState } from './states.ts'

export function isStateList(text: string): boolean {
  return /^[0-5](?:,[0-5]){0,11}$/.test(text)
}

/** The states of a list. 4 is a valid question with no answer. */
export function statesIn(list: string): ReadonlySet<KeyState> {
  return new Set(
    list
      .split(',')
      .filter((state) => state !== '4')
      .map((state) => Number(state) as KeyState),
  )
}
