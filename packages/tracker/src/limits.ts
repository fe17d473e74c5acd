/** Every bound of a tracker, in one place. */

/** Longest entry in bytes: an entry bundle gives it 16 bits (c2sp.org/tlog-tiles). */
export const entryBytesMax = 65_535

/** Deliveries of one `append`. */
export const batchEntriesMax = 10_000

/** Bytes of all entries of one `append`. */
export const batchBytesMax = 64 * 1024 * 1024

/** Bytes of one attachment, attachments of one entry, and bytes of all that come with one `append`. */
export const attachmentBytesMax = 4 * 1024 * 1024
export const entryAttachmentsMax = 16
export const batchAttachmentBytesMax = 64 * 1024 * 1024

/** A row of the head is closed when its entries reach this, so that reading one entry never reads much. */
export const rowBytes = 32 * 1024

/** Entries of one block of a segment: a row that is read whole to get at one of them. */
export const blockEntries = 16

/** Covered events per sealed segment, unless the options say otherwise. */
export const segmentEventsDefault = 100_000

/** Newest entries hashed again at each start, unless the options say otherwise. */
export const verifyNewestDefault = 1_000

/** How far an event's time may lie before its producer's event before it, or after the tracker's clock, milliseconds. */
export const datedToleranceMs = 60_000

/** Anomalies told at once, and the events that tell them: of more, one event tells all of a kind. */
export const toldAnomaliesMax = 10_000
export const toldEventsMax = 20

/** How long a connection waits for another's lock, milliseconds. */
export const busyTimeoutMs = 5_000

/** Checkpoints that nobody asked to keep stay this long, milliseconds; the first of each hour stays for ever. */
export const checkpointStayMs = 3_600_000

/** Events of one page of a query. */
export const pageEventsMax = 1_000

/** Indexes that one slice of a query looks at through a search table. */
export const sliceEvents = 25_000

/** Entries that one slice of a query reads and parses, where no search table covers them. */
export const scanSliceEvents = 1_000

/** Candidates asked for at once where not all of them will be answers. */
export const candidatesAtOnce = 256

/** Distinct values of a field that are counted one by one, and the characters of one. */
export const countedValuesMax = 10_000
export const countedValueMax = 1_024

/** Fields counted by in one question, values told of each, and buckets of a histogram. */
export const facetFieldsMax = 12
export const facetValuesMax = 100
export const bucketsMax = 1_000

/** Fields counted by together, groups told of, and groups that one event is counted in. */
export const groupFieldsMax = 3
export const groupsMax = 1_000
export const groupsOfEventMax = 256

/** Events told of on each side of one. */
export const contextEventsMax = 100

/** Words of one full-text query, and its characters. */
export const queryWordsMax = 16
export const queryTextMax = 512

/** Characters of a regular expression, and those of a value that a pattern looks at: one value never takes long. */
export const regexSourceMax = 256
export const patternTextMax = 2_048

/** What a regular expression comes to when its repetitions are written out, in characters. */
export const regexCostMax = 2_000

/** How long one pattern may go over the dictionary of a stretch, milliseconds: then every entry is looked at instead. */
export const dictionaryScanMs = 50

/** Statements that one stretch's search keeps prepared. */
export const statementsMax = 64

/** Values of one member of a query, and the characters of one. */
export const queryValuesMax = 64
export const queryValueMax = 1_024

/** Words of one event that can be found, and the characters of one. */
export const eventWordsMax = 512
export const wordMax = 64

/** Entries and bytes of one `range`. */
export const rangeEntriesMax = 10_000
export const rangeBytesMax = 16 * 1024 * 1024

/** Entries that one `since` looks at. */
export const sinceEventsMax = 100_000

/** Decoded segment blocks a reader keeps, bytes, unless the options say otherwise. */
export const blockCacheBytesDefault = 8 * 1024 * 1024

/** Segment files a reader keeps open. */
export const openSegmentsMax = 32

/** Kept checkpoints of one page. */
export const checkpointPageMax = 1_001

/** Findings that a report lists one by one. */
export const findingsMax = 100
