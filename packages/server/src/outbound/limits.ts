/** The bounds of what the server sends by itself. Times in milliseconds. */

const second = 1_000
const minute = 60 * second

export const outboundLimits = {
  /** How often the queue is looked at. */
  lookEveryMs: 200,
  /** One attempt, from the look-up of the name to the end of the answer. */
  attemptMs: 10 * second,
  /** The same of an e-mail: servers greet late on purpose, and look a letter through before they take it. */
  mailAttemptMs: 45 * second,
  /** Of an exchange with another server: slower than this a body is not sent, and what one address has to connect. */
  slowestBytesPerSecond: 64 * 1024,
  connectMs: 5 * second,
  /** Addresses of a name that are tried. */
  addresses: 4,
  /** Look-ups of names at once: each one under way holds a thread of the process. One more is for names that failed. */
  lookups: 2,
  /** A look-up that takes this long counts as failed, too, and so many names are remembered as such. */
  slowLookupMs: 2 * second,
  troublesomeNames: 1_000,
  /** Of an answer that is read and thrown away; more is cut off. */
  answerBytes: 64 * 1024,
  answerHeaderBytes: 16 * 1024,
  /** Of one reply of a mail server, and of all it sends in a session, certificates included. */
  mailReplyBytes: 16 * 1024,
  mailSessionBytes: 256 * 1024,
  /** How often it is looked how much a session has brought. */
  mailLookMs: 20,
  /** Of one message. */
  bodyBytes: 64 * 1024,
  urlChars: 2_048,
  /** Attempts at once: of all targets, of those whose last attempt failed, to one target, to one that failed. */
  attempts: 16,
  attemptsToFailing: 8,
  attemptsPerTarget: 2,
  attemptsPerFailing: 1,
  /** Pause after the first failed attempt; it doubles with each one more, up to the longest. */
  firstPauseMs: 2 * second,
  longestPauseMs: 15 * minute,
  /** What could not be written down is tried again after this. */
  bookkeepingPauseMs: 5 * second,
  /** Messages waiting for one target; one more is given up at once. */
  waitingPerTarget: 10_000,
  /** Messages given up are kept this long, and this many for each target. */
  deadKeepMs: 30 * 24 * 60 * minute,
  deadPerTarget: 1_000,
} as const
