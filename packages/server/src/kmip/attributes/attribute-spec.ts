/** The attributes of KMIP 1.0 to 1.4 that are served, and who may do what with each (KMIP 1.4, section 3). */
import type { EnumerationName } from '../ttlv/enumerations.ts'
import type { Item, ItemType } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { hasState, isAsymmetric, isKey, type ObjectType, objectTypes } from '../objects/kmip-object.ts'

/** A field of an attribute that is a structure. */
export interface AttributeField {
  readonly tag: number
  readonly type: ItemType
  readonly isRequired?: boolean
  /** Name of the enumeration whose values it may have. */
  readonly enumeration?: EnumerationName
  /** Minor version of KMIP 1 that brought it here, where its tag is older. */
  readonly since?: number
}

export interface AttributeSpec {
  /** As KMIP 1.x spells it in Attribute Name. */
  readonly name: string
  /** Tag of the attribute where it stands by itself. */
  readonly tag: number
  readonly type: ItemType
  /** Minor version of KMIP 1 that brought it. */
  readonly since: number
  /** Whether a client may give it when it makes an object, or add it later. */
  readonly isGivenByClient: boolean
  /** Whether a client may modify it; what it depends on besides is the operation's. */
  readonly isModifiable: boolean
  readonly isDeletable: boolean
  readonly hasInstances: boolean
  readonly appliesTo: (type: ObjectType) => boolean
  /** Whether it decides when, or for what, the object may be used. */
  readonly decidesUse: boolean
  /** Of a structure, in the order of the standard. */
  readonly fields?: readonly AttributeField[]
  /** Of an enumeration: its name. */
  readonly enumeration?: EnumerationName
}

const all = (): boolean => true
const cryptographic = (type: ObjectType): boolean => hasState({ type })
const symmetric = (type: ObjectType): boolean => type === objectTypes.SymmetricKey

type Given = Pick<AttributeSpec, 'name' | 'tag' | 'type'> & Partial<AttributeSpec>

/** Set by the server alone, once. */
const own = (given: Given): AttributeSpec => ({
  since: 0,
  isGivenByClient: false,
  isModifiable: false,
  isDeletable: false,
  hasInstances: false,
  appliesTo: all,
  decidesUse: false,
  ...given,
})

/** Set by the client, once. */
const given = (more: Given): AttributeSpec => own({ isGivenByClient: true, ...more })

/** Whatever the client makes of it. */
const free = (more: Given): AttributeSpec => given({ isModifiable: true, isDeletable: true, ...more })

const text = (tag: number, isRequired = true): AttributeField => ({ tag, type: 'TextString', isRequired })
const choice = (tag: number, enumeration: EnumerationName, isRequired = true): AttributeField => ({
  tag,
  type: 'Enumeration',
  isRequired,
  enumeration,
})
const optional = (tag: number, type: ItemType): AttributeField => ({ tag, type })

/** Cryptographic Parameters (KMIP 1.4, section 3.6). */
export const cryptographicParameterFields: readonly AttributeField[] = [
  choice(tags.BlockCipherMode, 'BlockCipherMode', false),
  choice(tags.PaddingMethod, 'PaddingMethod', false),
  choice(tags.HashingAlgorithm, 'HashingAlgorithm', false),
  choice(tags.KeyRoleType, 'KeyRoleType', false),
  choice(tags.DigitalSignatureAlgorithm, 'DigitalSignatureAlgorithm', false),
  choice(tags.CryptographicAlgorithm, 'CryptographicAlgorithm', false),
  optional(tags.RandomIV, 'Boolean'),
  optional(tags.IVLength, 'Integer'),
  optional(tags.TagLength, 'Integer'),
  optional(tags.FixedFieldLength, 'Integer'),
  optional(tags.InvocationFieldLength, 'Integer'),
  optional(tags.CounterLength, 'Integer'),
  optional(tags.InitialCounterValue, 'Integer'),
  optional(tags.SaltLength, 'Integer'),
  choice(tags.MaskGenerator, 'MaskGenerator', false),
  choice(tags.MaskGeneratorHashingAlgorithm, 'HashingAlgorithm', false),
  optional(tags.PSource, 'ByteString'),
  optional(tags.TrailerField, 'Integer'),
]

const date = (name: string, tag: number, more: Partial<AttributeSpec> = {}): AttributeSpec =>
  own({ name, tag, type: 'DateTime', appliesTo: cryptographic, decidesUse: true, ...more })

/** Dates that a client gives, and moves as long as they are not reached. */
const movable = { isGivenByClient: true, isModifiable: true } as const

/** The standard's attributes, in its order. */
export const attributeSpecs: readonly AttributeSpec[] = [
  own({ name: 'Unique Identifier', tag: tags.UniqueIdentifier, type: 'TextString' }),
  free({
    name: 'Name',
    tag: tags.Name,
    type: 'Structure',
    hasInstances: true,
    fields: [text(tags.NameValue), choice(tags.NameType, 'NameType')],
  }),
  own({ name: 'Object Type', tag: tags.ObjectType, type: 'Enumeration', enumeration: 'ObjectType' }),
  given({
    name: 'Cryptographic Algorithm',
    tag: tags.CryptographicAlgorithm,
    type: 'Enumeration',
    enumeration: 'CryptographicAlgorithm',
    appliesTo: cryptographic,
  }),
  given({ name: 'Cryptographic Length', tag: tags.CryptographicLength, type: 'Integer', appliesTo: cryptographic }),
  free({
    name: 'Cryptographic Parameters',
    tag: tags.CryptographicParameters,
    type: 'Structure',
    hasInstances: true,
    appliesTo: isKey,
    decidesUse: true,
    fields: cryptographicParameterFields,
  }),
  given({
    name: 'Cryptographic Domain Parameters',
    tag: tags.CryptographicDomainParameters,
    type: 'Structure',
    appliesTo: isAsymmetric,
    fields: [optional(tags.Qlength, 'Integer'), choice(tags.RecommendedCurve, 'RecommendedCurve', false)],
  }),
  own({
    name: 'Digest',
    tag: tags.Digest,
    type: 'Structure',
    hasInstances: true,
    fields: [
      choice(tags.HashingAlgorithm, 'HashingAlgorithm'),
      { tag: tags.DigestValue, type: 'ByteString' },
      { ...choice(tags.KeyFormatType, 'KeyFormatType', false), since: 1 },
    ],
  }),
  given({ name: 'Operation Policy Name', tag: tags.OperationPolicyName, type: 'TextString' }),
  given({
    name: 'Cryptographic Usage Mask',
    tag: tags.CryptographicUsageMask,
    type: 'Integer',
    appliesTo: cryptographic,
  }),
  own({ name: 'Lease Time', tag: tags.LeaseTime, type: 'Interval', appliesTo: cryptographic }),
  free({
    name: 'Usage Limits',
    tag: tags.UsageLimits,
    type: 'Structure',
    appliesTo: isKey,
    decidesUse: true,
    fields: [
      { tag: tags.UsageLimitsTotal, type: 'LongInteger', isRequired: true },
      { tag: tags.UsageLimitsCount, type: 'LongInteger' },
      choice(tags.UsageLimitsUnit, 'UsageLimitsUnit'),
    ],
  }),
  own({ name: 'State', tag: tags.State, type: 'Enumeration', enumeration: 'State', appliesTo: cryptographic }),
  date('Initial Date', tags.InitialDate, { appliesTo: all, decidesUse: false }),
  date('Activation Date', tags.ActivationDate, movable),
  date('Process Start Date', tags.ProcessStartDate, { ...movable, appliesTo: symmetric }),
  date('Protect Stop Date', tags.ProtectStopDate, { ...movable, appliesTo: symmetric }),
  date('Deactivation Date', tags.DeactivationDate, movable),
  date('Destroy Date', tags.DestroyDate, { appliesTo: all }),
  date('Compromise Occurrence Date', tags.CompromiseOccurrenceDate, { appliesTo: all }),
  date('Compromise Date', tags.CompromiseDate, { appliesTo: all }),
  own({
    name: 'Revocation Reason',
    tag: tags.RevocationReason,
    type: 'Structure',
    fields: [
      choice(tags.RevocationReasonCode, 'RevocationReasonCode'),
      { tag: tags.RevocationMessage, type: 'TextString' },
    ],
  }),
  date('Archive Date', tags.ArchiveDate, { appliesTo: all }),
  free({ name: 'Object Group', tag: tags.ObjectGroup, type: 'TextString', hasInstances: true }),
  given({ name: 'Fresh', tag: tags.Fresh, type: 'Boolean', since: 1, appliesTo: cryptographic }),
  free({
    name: 'Link',
    tag: tags.Link,
    type: 'Structure',
    hasInstances: true,
    appliesTo: cryptographic,
    fields: [choice(tags.LinkType, 'LinkType'), text(tags.LinkedObjectIdentifier)],
  }),
  free({
    name: 'Application Specific Information',
    tag: tags.ApplicationSpecificInformation,
    type: 'Structure',
    hasInstances: true,
    fields: [text(tags.ApplicationNamespace), text(tags.ApplicationData, false)],
  }),
  free({ name: 'Contact Information', tag: tags.ContactInformation, type: 'TextString' }),
  own({ name: 'Last Change Date', tag: tags.LastChangeDate, type: 'DateTime' }),
  free({
    name: 'Alternative Name',
    tag: tags.AlternativeName,
    type: 'Structure',
    since: 2,
    hasInstances: true,
    fields: [text(tags.AlternativeNameValue), choice(tags.AlternativeNameType, 'AlternativeNameType')],
  }),
  own({ name: 'Key Value Present', tag: tags.KeyValuePresent, type: 'Boolean', since: 2, appliesTo: cryptographic }),
  free({
    name: 'Key Value Location',
    tag: tags.KeyValueLocation,
    type: 'Structure',
    since: 2,
    hasInstances: true,
    appliesTo: cryptographic,
    fields: [text(tags.KeyValueLocationValue), choice(tags.KeyValueLocationType, 'KeyValueLocationType')],
  }),
  given({ name: 'Original Creation Date', tag: tags.OriginalCreationDate, type: 'DateTime', since: 2 }),
  given({
    name: 'Random Number Generator',
    tag: tags.RandomNumberGenerator,
    type: 'Structure',
    since: 3,
    appliesTo: cryptographic,
    fields: [
      choice(tags.RNGAlgorithm, 'RNGAlgorithm'),
      choice(tags.CryptographicAlgorithm, 'CryptographicAlgorithm', false),
      optional(tags.CryptographicLength, 'Integer'),
      choice(tags.HashingAlgorithm, 'HashingAlgorithm', false),
      choice(tags.DRBGAlgorithm, 'DRBGAlgorithm', false),
      choice(tags.RecommendedCurve, 'RecommendedCurve', false),
      choice(tags.FIPS186Variation, 'FIPS186Variation', false),
      optional(tags.PredictionResistance, 'Boolean'),
    ],
  }),
  free({ name: 'PKCS#12 Friendly Name', tag: tags.PKCS_12FriendlyName, type: 'TextString', since: 4 }),
  free({ name: 'Description', tag: tags.Description, type: 'TextString', since: 4 }),
  free({ name: 'Comment', tag: tags.Comment, type: 'TextString', since: 4 }),
  given({
    name: 'Sensitive',
    tag: tags.Sensitive,
    type: 'Boolean',
    since: 4,
    isModifiable: true,
    appliesTo: cryptographic,
    decidesUse: true,
  }),
  own({ name: 'Always Sensitive', tag: tags.AlwaysSensitive, type: 'Boolean', since: 4, appliesTo: cryptographic }),
  given({
    name: 'Extractable',
    tag: tags.Extractable,
    type: 'Boolean',
    since: 4,
    isModifiable: true,
    appliesTo: cryptographic,
    decidesUse: true,
  }),
  own({ name: 'Never Extractable', tag: tags.NeverExtractable, type: 'Boolean', since: 4, appliesTo: cryptographic }),
]

/** Attributes whose names begin with `x-` are a client's, those with `y-` a server's: this server makes none. */
const clientPrefix = 'x-'
const serverPrefix = 'y-'

export function isCustomName(name: string): boolean {
  return name.startsWith(clientPrefix) || name.startsWith(serverPrefix)
}

export function isServersName(name: string): boolean {
  return name.startsWith(serverPrefix)
}

const byName = new Map(attributeSpecs.map((spec) => [spec.name, spec]))

function customSpec(name: string, type: Item['type']): AttributeSpec {
  return free({ name, tag: tags.CustomAttribute, type, hasInstances: true })
}

/**
 * What is known about an attribute name at a version; undefined for what the version does not know.
 *
 * @param minor of KMIP 1
 * @param type of the value, which a custom attribute may have any of
 */
export function attributeSpec(name: string, minor: number, type: ItemType = 'TextString'): AttributeSpec | undefined {
  if (isCustomName(name)) return customSpec(name, type)
  const spec = byName.get(name)
  return spec === undefined || spec.since > minor ? undefined : spec
}

/** Names of the standard attributes, in the order of the standard. */
export const attributeOrder: ReadonlyMap<string, number> = new Map(
  attributeSpecs.map(({ name }, place) => [name, place]),
)
