/** The words for the names and codes of a report. What has none, as a value of a foreign event, is shown as it is. */
import i18next from 'i18next'
import texts from '../i18n/en/reports.json'

type WordGroup =
  | 'titles'
  | 'questions'
  | 'facts'
  | 'tables'
  | 'columns'
  | 'codes'
  | 'notes'
  | 'parts'
  | 'takes'
  | 'lacks'

export function wordFor(group: WordGroup, id: string): string {
  return Object.hasOwn(texts[group], id) ? i18next.t(`${group}.${id}`, { ns: 'reports', defaultValue: id }) : id
}
