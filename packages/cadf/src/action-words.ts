/** Of each action of the catalogue what a list needs to tell its events: names, title and the words of the sentence. */
import type { CatalogueEntry } from './catalogue/entry.ts'
import { catalogue } from './catalogue.ts'

export type ActionWords = Pick<CatalogueEntry, 'action' | 'formerNames' | 'title' | 'phrase'>

/**
 * Family by family, as the catalogue has them. Nothing but data stands in this file: the build of the console puts the
 * value in its place, a fourth of the catalogue, so that a list of events does not wait for fields and explanations.
 */
export const actionWords: readonly ActionWords[] = catalogue
  .all()
  .map(({ action, formerNames, title, phrase }) => ({ action, formerNames, title, phrase }))
