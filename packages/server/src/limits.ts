/** Every bound of the server that is not a protocol's own, and the relations between them. */

export const limits = {
  /** A call not taken into a commit group within this time is refused, nothing changed (design 3). */
  recordWaitMs: 2_000,
  /** A COMMIT or a stuck loop that lasts this long ends the process: the restart decides by reading. */
  commitStallMs: 2_000,
  /** How often the serving loop shows that it lives, and the watchdog looks. */
  heartbeatMs: 100,
  /** Calls waiting for a commit group; the next one is refused at once. */
  pendingCalls: 20_000,
  /** Calls committed together; bounds how long one commit holds the loop. */
  groupCalls: 1_000,
  /** How often a call whose condition no longer held may decide again before it is refused. */
  decisions: 5,
  /** Outbox rows not yet delivered: warn at half, refuse at the whole. */
  outboxEvents: 1_000_000,
  outboxBytes: 1024 * 1024 * 1024,
  /** Delivered and covered rows kept for a second delivery, this long and this many; of more, so many leave at once. */
  deliveredKeepMs: 7 * 24 * 3_600_000,
  deliveredKeepEvents: 200_000,
  outboxPruneEvents: 200,
  /** Free space below which calls are refused with 507; the reserve lets that refusal itself be recorded. */
  diskFloorBytes: 48 * 1024 * 1024,
  /** Entries handed to a tracker at once. */
  forwardBatch: 1_000,
  /**
   * The forwarder hears of new rows at most so often, milliseconds, and the more seldom the more there is: so long after each
   * row that it heard of, and at most this. A batch costs as much as dozens of the rows in it.
   */
  forwardNoticeMs: 10,
  forwardNoticeMsPerRow: 1,
  forwardNoticeMsMax: 200,
  /** The rules hear of new entries at most so often. */
  alertNoticeMs: 50,
  /** Bytes of attachments handed over with them. */
  forwardAttachmentBytes: 16 * 1024 * 1024,
  /** A wall clock that moves this far against the monotonic one is an event (design 7). */
  clockStepMs: 2_000,
  /** One exchange with another server that keeps our events. */
  deliverAttemptMs: 20_000,
  /** Batches of other servers under way, from their headers on until they are appended, and their bytes: of the process... */
  deliveries: 32,
  deliveryBytes: 96 * 1024 * 1024,
  /** ...and of one account; one more is refused. */
  deliveriesOfAccount: 8,
  deliveryBytesOfAccount: 48 * 1024 * 1024,
  /** Open tails of one process; one more is refused. */
  tails: 200,
  /** Of them those of one account, so that it cannot take them all. */
  tailsOfAccount: 100,
  /** Exports under way: of one account, and of the process. */
  exportsOfAccount: 2,
  exports: 16,
  /** Rows of one page of an export, and bytes after which a page is closed. */
  exportPageEvents: 250,
  exportPageBytes: 4 * 1024 * 1024,
  /** How often an export asks for a page again that waited too long. */
  exportTries: 5,
  /** A reader of an export that takes nothing for this long is dropped; it may come back for the rest. */
  exportStallMs: 120_000,
  /** A question to the trail may wait and run this long together before it is cancelled. */
  searchMs: 10_000,
  /** A page of a search is looked for this long in one turn, and this long in all: then it is told what was found. */
  searchTurnMs: 250,
  searchPageMs: 2_000,
  /** Counts, histograms and facets look this long, then they are told as "at least". */
  summaryMs: 3_000,
  /** Counts of an account that wait for their turn. */
  summariesWaiting: 32,
  /** Searches and tails' reads at the search thread at a time; short questions at theirs. */
  searchesSent: 1,
  questionsSent: 8,
  /** Searches of one account that wait for their turn; its short questions that do. */
  searchesWaiting: 64,
  questionsWaiting: 1_000,
  /** Receipts that wait for their checkpoint, in all and of one account, and for how long at most, seconds. */
  receiptsWaiting: 1_000,
  receiptsWaitingOfAccount: 200,
  receiptWaitSeconds: 30,
  /** Entries of a log counted at once, and periods compared at one look. */
  tallyEntries: 2_000,
  reconciledPeriods: 100,
  /** Continuity reports under way: of one account, and of the process. */
  continuitiesOfAccount: 1,
  continuities: 2,
  /** Entries and checkpoints that one report looks at, and how long it may take. */
  continuityEntries: 5_000_000,
  continuityCheckpoints: 200_000,
  continuityMs: 120_000,
  /**
   * Of a TLS handshake that asks for a certificate, KMIP's and EP11's: bytes of the client until it is done, milliseconds of
   * processor for one flight of it, what an address may use beyond that, and what all may in one turn of the event loop.
   */
  handshakeBytes: 24 * 1024,
  handshakeFreeMs: 4,
  handshakeMsPerSecond: 200,
  handshakeMsBurst: 400,
  handshakeMsPerTurn: 50,
  /** From the accepted connection to the end of its TLS handshake; an absolute time, as all of KMIP are. */
  kmipHandshakeMs: 10_000,
  /** Handshakes under way; with one more the oldest gives way: an honest one takes milliseconds. */
  kmipHandshakes: 4_000,
  /** New connections of one address in a second, and how many may come at once: a handshake costs a signature. */
  kmipConnectsPerSecond: 500,
  kmipConnectBurst: 4_000,
  /** Connections that the operating system holds until they are accepted. */
  kmipBacklog: 511,
  /** Between two messages of a connection. */
  kmipIdleMs: 600_000,
  /** From the first byte of a message to its last one. */
  kmipMessageMs: 30_000,
  /** From the first byte of an answer until the last one is taken. */
  kmipAnswerMs: 30_000,
  /** From our end of a connection to the other end. */
  kmipLingerMs: 2_000,
  /** A message waits this long for others that are changing the same object; then it tries its luck. */
  kmipTurnMs: 2_000,
  /** A certificate that sends too many requests is told so, and it is recorded, once in this time. */
  kmipOverloadMs: 10_000,
  /** Addresses, and certificates, whose requests are counted at a time. */
  kmipSources: 20_000,
  /** Messages and answers of all connections together; with more, those are cut off that hold more than their own. */
  kmipHeldBytes: 256 * 1024 * 1024,
  kmipOwnBytes: 16 * 1024,
  /** A message of EP11: the longest data that a crypto unit takes, and what stands around them. */
  ep11MessageBytes: 4 * 1024 * 1024 + 64 * 1024,
  /** Metadata of a call, names and values. */
  ep11MetadataBytes: 16 * 1024,
  /** Metadata beyond these are not even answered: their stream is reset. */
  ep11HeaderBytes: 64 * 1024,
  ep11HeaderPairs: 128,
  /** Streams that a client resets, at once and in a second; frames without sense; streams refused. With more its connection ends. */
  ep11ResetBurst: 1_000,
  ep11ResetsPerSecond: 100,
  ep11InvalidFrames: 100,
  ep11RefusedStreams: 100,
  /** Calls under way at a time: of one connection, of one caller, of a listener. */
  ep11Streams: 100,
  ep11CallsOfCaller: 500,
  ep11Calls: 2_000,
  /** Calls whose message is being read at a time, of one caller and of a listener; others wait, and are not read. */
  ep11ReadingsOfCaller: 16,
  ep11Readings: 64,
  /** While others wait, a message of which fewer bytes come in this time gives its place up. */
  ep11SlowBytes: 16 * 1024,
  ep11SlowMs: 2_000,
  /** Messages and answers of all calls of a listener together; with more, calls are refused. */
  ep11HeldBytes: 256 * 1024 * 1024,
  /** From a call's turn to the last byte of its message. */
  ep11MessageMs: 30_000,
  /** From an answer until its last byte is taken; then its connection ends. */
  ep11AnswerMs: 30_000,
  /** A connection without a call. */
  ep11IdleMs: 600_000,
  /** After so long the other end of a connection is asked whether it is there, and has so long to answer. */
  ep11PingMs: 120_000,
  ep11PingWaitMs: 20_000,
  /** From our end of a connection to the other end. */
  ep11LingerMs: 2_000,
  /** As for KMIP: handshakes and new connections, and how often a caller who asks too much is told so. */
  ep11HandshakeMs: 10_000,
  ep11Handshakes: 1_000,
  ep11ConnectsPerSecond: 200,
  ep11ConnectBurst: 1_000,
  ep11Backlog: 511,
  ep11OverloadMs: 10_000,
  ep11Sources: 20_000,
  /** SIGTERM to exit. */
  drainMs: 8_000,
} as const

const related: readonly [boolean, string][] = [
  [limits.heartbeatMs * 5 <= limits.commitStallMs, 'the watchdog looks several times before it acts'],
  [limits.groupCalls <= limits.pendingCalls, 'a whole group fits into the queue'],
  [limits.forwardNoticeMs <= limits.forwardNoticeMsMax, 'the forwarder hears more seldom when there is more'],
  [limits.recordWaitMs <= limits.commitStallMs, 'a waiting call is refused before the process is ended'],
  [limits.deliveriesOfAccount < limits.deliveries, 'one account cannot take all deliveries'],
  [limits.deliveryBytesOfAccount < limits.deliveryBytes, 'one account cannot take the room of all deliveries'],
  [limits.tailsOfAccount < limits.tails, 'one account cannot take all tails'],
  [limits.searchTurnMs < limits.searchPageMs, 'a page of a search has several turns'],
  [limits.searchPageMs < limits.searchMs, 'a page of a search ends before it is cancelled'],
  [limits.summaryMs < limits.searchMs, 'a summary ends before it is cancelled'],
  [limits.exportsOfAccount < limits.exports, 'one account cannot take all exports'],
  [limits.kmipConnectBurst <= limits.kmipHandshakes, 'what one address may open at once fits into the handshakes'],
  [limits.kmipLingerMs < limits.drainMs / 2, 'connections of KMIP are closed in good order while draining'],
  [limits.ep11LingerMs < limits.drainMs / 2, 'connections of EP11 are closed in good order while draining'],
  [limits.ep11MetadataBytes < limits.ep11HeaderBytes, 'metadata that are too long are answered'],
  [limits.ep11ConnectBurst <= limits.ep11Handshakes, 'what one address may open at once fits into the handshakes'],
  [limits.ep11CallsOfCaller < limits.ep11Calls, 'one caller cannot take all calls of a listener'],
  [limits.ep11ReadingsOfCaller < limits.ep11Readings, 'one caller cannot take all readings of a listener'],
  [limits.ep11SlowMs * 2 < limits.ep11MessageMs, 'a slow message gives way before its time is over'],
  [
    limits.ep11SlowBytes / limits.ep11SlowMs < limits.ep11MessageBytes / limits.ep11MessageMs,
    'no message that comes in time is slow',
  ],
  [limits.ep11Streams <= limits.ep11CallsOfCaller, 'one connection of a caller is not refused for being busy'],
  [
    limits.ep11Readings * limits.ep11MessageBytes <= 2 * limits.ep11HeldBytes,
    'what is read is bounded like what is held',
  ],
  [limits.drainMs < 10_000, 'a drain ends within the 10 s that SIGTERM allows'],
]

/** Checks the relations between the bounds; called once at start. */
export function assertLimits(): void {
  for (const [holds, what] of related) if (!holds) throw new Error(`limits: broken relation: ${what}`)
}
