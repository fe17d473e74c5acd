/** The audit event: its model, catalogue, canonical bytes, severity and words. */
export { type ActionWords, actionWords } from './action-words.ts'
export { type AttachedList, attachedLists, isListDigest } from './attached.ts'
export { catalogue, namesFor } from './catalogue.ts'
export type { ActionName, RequestFields, ResponseFields } from './catalogue.ts'
export type {
  ActionSource,
  CatalogueEntry,
  ExplanationSpec,
  FactSource,
  Family,
  FieldSpec,
  FieldType,
  ListDigest,
  Phrase,
  VariantSpec,
} from './catalogue/entry.ts'
export { generalExplanations } from './catalogue/explanations.ts'
export { familyExplanations } from './catalogue/family-explanations.ts'
export { EntryTooLarge, EventError } from './error.ts'
export type { EventErrorCode } from './error.ts'
export { initiatorTypes } from './event.ts'
export type {
  ActivityEvent,
  CredentialType,
  EventData,
  EventFacts,
  EventStamp,
  EventValue,
  Initiator,
  InitiatorHost,
  InitiatorType,
  Outcome,
  Reason,
  Severity,
  Target,
  WrittenEvent,
} from './event.ts'
export { buildEvent, textMax, writeEvent } from './build.ts'
export { canonicalJson } from './canonical.ts'
export {
  certificateCommandHeaders,
  certificateCommandText,
  type CommandPlace,
  keyCommandBody,
  keyProofText,
} from './certificate-command.ts'
export { checkEvent } from './check.ts'
export { type KeyAnnouncement, keyAnnouncementIn } from './key-announcement.ts'
export { entryBytes, entryBytesMax, entryFormat, parseEntry, writtenEntryBytes } from './entry.ts'
export type { Entry, Producer } from './entry.ts'
export { explain } from './explain.ts'
export type { Explanation } from './explain.ts'
export { type Attach, attachedBytesMax, isOfType, listBytesMax, listItemsMax } from './field-types.ts'
export { messageOf } from './message.ts'
export { reasonForRefusal, reasonTypeOf, refusalOf } from './reason.ts'
export { cadfActionOf, cadfTargetOf } from './render/cadf-taxonomy.ts'
export { type CadfFault, checkStrictCadf } from './render/check-strict-cadf.ts'
export { csvColumns, csvHeader, csvRow } from './render/csv.ts'
export { entryOfJsonLine, jsonLine } from './render/json-line.ts'
export { type LogPlace, type LooseEvent, looseEntry } from './render/place.ts'
export { strictCadf, strictCadfLine } from './render/strict-cadf.ts'
export { harmlessParameters, harmlessUri, requestUriMax } from './request-uri.ts'
export { type InstanceName, scopeInWords } from './scope-words.ts'
export { deedOf, sentence, whoOf, wordsOf } from './sentence.ts'
export { moreSevere, severityOf, statusSeverity } from './severity.ts'
export { formatEventTime, parseEventTime } from './time.ts'
export { uuidv7 } from './uuid.ts'
export { addressSet, covers } from './address-set.ts'
export { changeActions, type PolicyChange, policyChange } from './policy-change.ts'
export { memberOf } from './variant.ts'
export { parseQuery, queryBounds } from './query/parse-query.ts'
export { type FieldTest, type PatternTest, type Query, QueryError, type QueryErrorCode } from './query/query.ts'
export {
  type FieldKind,
  type FieldSource,
  type QueryField,
  queryField,
  queryFields,
  shortFields,
  similarFields,
} from './query/query-fields.ts'
export {
  isZone,
  parsePeriod,
  type Period,
  type TimeContext,
  timeForms,
  timeOfWall,
  wallTime,
} from './query/query-time.ts'
export { type Token, tokensOf } from './query/query-tokens.ts'
export type {
  Cell,
  CellKind,
  Report,
  ReportColumn,
  ReportKind,
  ReportPeriod,
  ReportRow,
  ReportTable,
} from './reports/report.ts'
export { queryBelow, reportPeriod } from './reports/report.ts'
export { reportCsv, reportCsvName } from './reports/report-csv.ts'
export { reportEvent, reportEventOfEntry, reportEventOfLine, type ReportEvent } from './reports/report-event.ts'
export { reports } from './reports/reports.ts'
export { type FoundGroups, foundGroups, groupsMax } from './reports/found-groups.ts'
export type { NowAnswer, NowFound, NowLack, NowPart, NowQuestion, NowReader } from './reports/now-part.ts'
export { drawSample, sampleClauses, type SampleDraw, sampleNumber, sampleReport } from './reports/sample.ts'
