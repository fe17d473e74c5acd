/** The bounds of rules, alerts and channels. Times in milliseconds. */

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

export const alertLimits = {
  /** Rules and calendars of a tracker, mutes that are active, and channels. */
  rules: 300,
  rulesOn: 200,
  calendars: 20,
  mutes: 200,
  channels: 50,
  /** Versions of a rule that are kept, the newest. */
  versions: 100,
  /** A mute ends by itself after this at the latest. */
  muteMs: 90 * day,
  /** Bytes of a rule's lists as JSON, and of those of all rules of a tracker. */
  listBytes: 512 * 1024,
  allListBytes: 2 * 1024 * 1024,
  /** Of a rule: more alerts raised within the time become one that says that there are many. */
  raised: 30,
  raisedWithinMs: 10 * minute,
  /** Alerts of a tracker that are not closed; of more, each rule's become one. */
  open: 20_000,
  /** Closed alerts are kept this long, and this many. */
  closedKeepMs: 400 * day,
  closedKeep: 100_000,
  /** An alert that fires on has an event this often, and channels are told this often. */
  repeatEventMs: minute,
  repeatTellMs: hour,
  /** Comments on one alert. */
  comments: 1_000,
  /** What became of an alert, the newest steps: what is shown of it. */
  stepsShown: 2_000,
  /** Versions of rules that were deleted, and mutes that are over, of a tracker. */
  deletedVersions: 2_000,
  endedMutes: 2_000,
  /** Messages to channels are given up after this. */
  messageMs: day,
  /** Tests of rules that wait for their turn, of an account. */
  testsWaiting: 4,
} as const
