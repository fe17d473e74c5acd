/** The word for a part of a bar: a severity or an outcome; a value of another version is its own word. */
import type { TFunction } from 'i18next'
import { outcomes, severities } from './search.ts'

export function partName(name: string, t: TFunction<['trail', 'translation']>): string {
  const severity = severities.find((each) => each === name)
  if (severity !== undefined) return t(`severity.${severity}`, { ns: 'translation' })
  const outcome = outcomes.find((each) => each === name)
  return outcome === undefined ? name : t(`outcome.${outcome}`, { ns: 'translation' })
}
