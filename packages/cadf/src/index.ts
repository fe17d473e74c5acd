/** The audit event: its model, catalogue, canonical bytes, severity and words. */
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
} from './event.ts'
