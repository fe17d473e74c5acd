/** Every bound of rules and of what they remember, in one place. */

/** Groups that one rule remembers. */
export const groupsMax = 10_000

/** Values and times that one rule remembers, over all its groups. */
export const rememberedMax = 20_000

/** Characters of the texts among them, group values included: what one rule remembers stays a few megabytes. */
export const rememberedTextMax = 1_000_000

/** Counts of periods are smaller than values and times: so many of them weigh as one. */
export const periodsPerRemembered = 8

/** A longer value is remembered by its beginning and its hash. */
export const valueCharactersMax = 128

/** How far behind its group's others an event may come and still be counted beside them, milliseconds. */
export const lateMs = 3_600_000

/** Windows that are tried for an event that came late: each ends at a later event. */
export const lateEndsMax = 32

/** Times of one group that are remembered one by one; of more, old ones that lie close together are counted together. */
export const exactTimesMax = 1_024

/** So many of the newest stay exact then, and the others are put together by this part of the window. */
export const newestExact = 32
export const windowParts = 256

/** Indexes of events that a firing names. */
export const firingEventsMax = 20

/** Kinds of events of which a rule remembers what is left to ask, and how long what they have may be, in characters of JSON. */
export const knownKindsMax = 1_024
export const kindCharactersMax = 512

/** Groups without meaning that are let go per event: more than come with one, so that they never pile up. */
export const spentPerEvent = 2

/** Bytes of a rule as canonical JSON without its lists. */
export const ruleBytesMax = 8_000
export const nameMax = 120
export const titleMax = 200
export const descriptionMax = 1_000
export const groupFieldsMax = 4
export const listsMax = 8
export const listValuesMax = 500
export const listValueMax = 256
export const channelsMax = 16

/** What the patterns of a rule come to together, in characters with repetitions written out: what one event may cost. */
export const patternCostMax = 500

/** How often one query may name lists: each time all values are conditions. */
export const listMentionsMax = 8

/** 1 second to 366 days. */
export const durationMinMs = 1_000
export const durationMaxMs = 366 * 86_400_000

export const thresholdMax = 10_000
export const newFieldsMax = 3
export const newVolumeMax = 1_000
export const sequenceStepsMax = 5
export const sequenceCountMax = 1_000
export const sequencePairsMax = 8
export const historyPeriodsMax = 1_000
export const historyCountMax = 1_000_000_000
export const deviationsMax = 100
export const travelSpeedMax = 100_000
export const travelLeastMax = 20_000

/** Months of a term: a hundred years. */
export const termMonthsMax = 1_200

/** Of a calendar: time ranges of one weekday, days off. */
export const dayRangesMax = 4
export const holidaysMax = 400
