/** The shape of a catalogue entry: everything the product knows about one action. */
import type { Outcome, Severity } from '../event.ts'

export type Family =
  | 'key'
  | 'key-ring'
  | 'policy'
  | 'import-token'
  | 'registration'
  | 'tke'
  | 'certificate'
  | 'kmip'
  | 'keystore'
  | 'ep11'
  | 'kmip-management'
  | 'instance'
  | 'service'
  | 'identity'
  | 'access'
  | 'trail'

/**
 * Where an action comes from: `seed` the supported events, `severity-table` only the full severity table, `historical`
 * only the table of renamed events, `extension` ours.
 */
export type ActionSource = 'seed' | 'severity-table' | 'historical' | 'extension'

/** Where a field or an explanation comes from: `key-protect` the sibling service's documentation. */
export type FactSource = 'seed' | 'key-protect' | 'extension'

interface FieldBase {
  /** Dotted name below `requestData` or `responseData`; the dots nest in the event. */
  readonly name: string
  readonly meaning: string
  /** What stands in it here, where that is not quite what the documented meaning says, and why. */
  readonly here?: string
  /** When it is present, if that is less than "on success". */
  readonly when?: string
  readonly source: FactSource
}

/** A field and its type. The type is the redaction: a value outside it cannot enter an event. */
export type FieldSpec =
  | (FieldBase & {
      readonly type:
        | 'uuid'
        | 'integer'
        | 'boolean'
        | 'date'
        | 'crn'
        | 'sha256'
        | 'identifier'
        | 'identifier[]'
        | 'sha256[]'
        | 'p521-public-key'
        | 'p521-signature'
    })
  | (FieldBase & { readonly type: 'enum'; readonly values: readonly string[] })
  | (FieldBase & {
      /** Bounded human text. */
      readonly type: 'name'
      /** UTF-16 code units. */
      readonly max: number
    })

export type FieldType = FieldSpec['type']

/** What stands in a list field when the whole list is too long for an event; the whole is kept as an attachment. */
export interface ListDigest {
  /** SHA-256 of the canonical JSON of the whole list, hexadecimal. */
  readonly sha256: string
  /** Length of that canonical JSON. */
  readonly bytes: number
  readonly count: number
  readonly first: readonly string[]
}

/** The TypeScript type of a field's value. */
type FieldValue<S extends FieldSpec> = S extends { type: 'integer' }
  ? number
  : S extends { type: 'boolean' }
    ? boolean
    : S extends { type: 'enum'; values: readonly (infer V)[] }
      ? V
      : S extends { type: 'identifier[]' | 'sha256[]' }
        ? readonly string[] | ListDigest
        : string

/** The fields of a list of specifications, by dotted name. */
export type FieldValues<F extends readonly FieldSpec[]> = {
  [S in F[number] as S['name']]?: FieldValue<S> | undefined
}

/** A case of an action that weighs more or less than the action itself. */
export interface VariantSpec {
  readonly name: string
  readonly meaning: string
  readonly severity: Severity
  readonly severitySource: 'documented' | 'assigned'
  /** The request field that tells the variant. */
  readonly when: { readonly request: string; readonly values: readonly (string | number)[] }
}

/** When an explanation applies; all given conditions must hold. */
export interface ExplanationCondition {
  readonly outcome?: Outcome
  readonly codes?: readonly number[]
  /**
   * Codes of refusals, one of which stands in the reason for failure. Where such an explanation applies, none does that
   * knows less.
   */
  readonly refusals?: readonly string[]
  /** Response fields, by dotted name, that must have this value. */
  readonly equal?: { readonly [field: string]: string | number | boolean }
  /** Response fields that must be there. */
  readonly present?: readonly string[]
  /** Response fields that must not be there. */
  readonly absent?: readonly string[]
}

export interface ExplanationSpec {
  readonly when: ExplanationCondition
  readonly meaning: string
  readonly remedy: string
  /** The call that tells more; `{id}` is the last part of the target's CRN. */
  readonly call?: string
  readonly source: FactSource
}

/**
 * The words of the human sentence. In its templates of `[one|another]` the first stands whose `{placeholders}` all have a
 * value, or nothing; placeholders are `name` (of the target), `name@<type>` (the same, where the target's Cloud Resource Name is of
 * a resource of this type; `name@` of a whole instance), `request.<field>` and `response.<field>`. One with a value
 * after it, `{request.<field>=value}`, only asks whether it is this one, and stands for nothing itself.
 */
export interface Phrase {
  /** Past tense: "deleted". */
  readonly did: string
  /** Infinitive: "delete". */
  readonly to: string
  readonly what: string
  /** Past tense of a failure, where "was refused: …" would be wrong: an invalid request was made, not refused. */
  readonly failed?: string
  /** Past tense of what befell the caller, by the code of the refusal, where it is not the deed that was refused. */
  readonly refused?: { readonly [refusal: string]: string }
  /** Directly after the status code of a failure. */
  readonly why?: string
  /** Appended after a colon, those that have their values. */
  readonly details?: readonly string[]
}

/** An entry as the family files write it: the action is the key, the family is the file. */
export interface EntrySpec {
  readonly formerNames?: readonly string[]
  /** As the seed describes it. */
  readonly title: string
  /** Verb and object of `message`. */
  readonly verb: string
  readonly object: string
  readonly typeURI: string
  /** Severity of the action itself, before the status code speaks. */
  readonly severity: Severity
  /** Whether the documented severity table names the action, or the value is our assignment. */
  readonly severitySource: 'documented' | 'assigned'
  /** Severity of a failure, where it is more than the status code's. */
  readonly failureSeverity?: Severity
  readonly dataEvent: boolean
  readonly phrase: Phrase
  readonly request: readonly FieldSpec[]
  readonly response: readonly FieldSpec[]
  readonly variants?: readonly VariantSpec[]
  readonly explanations: readonly ExplanationSpec[]
  readonly source: ActionSource
  /** Kept so that old events are understood; nothing emits it. */
  readonly retired?: true
}

export type FamilySpec = { readonly [action: string]: EntrySpec }

/** An entry as readers get it. */
export interface CatalogueEntry extends EntrySpec {
  readonly action: string
  readonly formerNames: readonly string[]
  readonly family: Family
}
