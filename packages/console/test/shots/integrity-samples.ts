/** What a tracker answers after years: holds, proposals of two people, verifications and keys, of which a young one has none. */

const dayMs = 86_400_000
const ago = (days: number): string => new Date(Date.now() - days * dayMs).toISOString()
const ada = { id: 'IBMid-ada', name: 'Ada Lovelace' }
const bob = { id: 'IBMid-bob', name: 'Robert Okonkwo-Lindqvist' }

export const retention = { retentionDays: 400, before: ago(400), minimumIndex: 1_204_311 }

const hold = {
  query: '',
  first: 0,
  last: null,
  placedBy: ada,
  placedAt: ago(31),
  state: 'open',
  releasedBy: null,
  releasedAt: null,
  copiedTo: 0,
  eventsCopied: 0,
  files: 0,
}
export const holds = [
  {
    ...hold,
    id: 'h1',
    reason:
      'Case 4711: order of the regional court of 12 November, asked for by Dr. Maria Sandoval of the legal department',
    query: 'initiator:"storage" action:hs-crypto.secrets.*',
    copiedTo: 1_204_310,
    eventsCopied: 48_120,
    files: 3,
  },
  { ...hold, id: 'h2', reason: 'Internal audit 2025', first: 20_000, last: 1_480_000, placedAt: ago(120) },
  {
    ...hold,
    id: 'h3',
    reason: 'Supervisory review',
    placedAt: ago(300),
    state: 'released',
    releasedBy: 'Robert Okonkwo-Lindqvist',
    releasedAt: ago(12),
    copiedTo: 1_204_310,
    eventsCopied: 1,
    files: 1,
  },
]

const proposal = { state: 'open', endedBy: null, endedAt: null, proposedAt: ago(1.2), expiresAt: ago(-5.8) }
export const proposals = [
  {
    ...proposal,
    id: 'p1',
    kind: 'hold-release',
    hold: 'h2',
    says: 'The legal hold “Internal audit 2025” (entries 20000 to 1480000) is released: it protects nothing any more.',
    proposedBy: bob,
  },
  {
    ...proposal,
    id: 'p2',
    kind: 'retention',
    says: 'Events are kept for at least 90 days instead of 400: those before 2025-08-29 leave the log for good.',
    proposedBy: ada,
    expiresAt: ago(-0.02),
  },
  {
    ...proposal,
    id: 'p3',
    kind: 'retention',
    says: 'Events are kept for at least 400 days instead of for ever.',
    proposedBy: ada,
    state: 'approved',
    proposedAt: ago(402),
    endedAt: ago(400),
    endedBy: 'Robert Okonkwo-Lindqvist',
  },
  {
    ...proposal,
    id: 'p4',
    kind: 'tracker-removal',
    says: 'The tracker of us-south takes nothing more, and its files go to the archive.',
    proposedBy: bob,
    state: 'lapsed',
    proposedAt: ago(60),
    endedAt: ago(53),
  },
]

const verification = { trigger: 'schedule', findings: [], findingsTotal: 0, reason: null }
export const verifications = [
  {
    ...verification,
    id: 'v3',
    state: 'good',
    trigger: 'request',
    startedAt: ago(0.2),
    endedAt: ago(0.199),
    size: 1_983_211,
    root: 'qTq2YSfYqFm1PqRk1Z0aAKpT0N3Jn6mHkTH3Vb0tXxk=',
  },
  {
    ...verification,
    id: 'v2',
    state: 'bad',
    startedAt: ago(1),
    endedAt: ago(0.99),
    size: 1_970_004,
    root: 'P4uYJ1k8m8p8QwXv3rWn0b2C5sZy7dLkE6fGh9iJtUo=',
    findings: [
      {
        kind: 'wrong-leaf',
        message: 'the leaf hashes of entry 1970003 in its tile and beside it differ',
        index: 1_970_003,
      },
      { kind: 'missing-tile', message: 'tile 0/7694 is missing' },
    ],
    findingsTotal: 412,
  },
  {
    ...verification,
    id: 'v1',
    state: 'failed',
    startedAt: ago(2),
    endedAt: ago(1.999),
    size: null,
    root: null,
    reason: 'The disk gave no answer for 30 seconds.',
  },
]

const oddities = {
  missing: 2,
  late: 14,
  reused: 0,
  epochs: 1,
  opening: 0,
  forged: 0,
  lateDated: 3,
  futureDated: 1,
  repeats: 9,
  altered: null,
}
export const oddStatus = { undelivered: 1_240, oddities, openHolds: 2, openProposals: 2, retention: { days: 400 } }
export const remoteStatus = {
  remote: { url: 'https://witness.example.com', location: 'eu-central' },
  trouble: 'Connection refused, since 14:02.',
}
export const verifyingStatus = {
  verification: {
    last: { id: 'v3', state: 'good', startedAt: ago(0.2), endedAt: ago(0.199), size: 1_983_211, findingsTotal: 0 },
    open: { id: 'v4', state: 'running', startedAt: ago(0.001), entriesDone: 840_221, entriesTotal: 1_990_112 },
  },
}

const keyText = 'keywitness.example/us-south'
export const keys = [
  {
    key: `${keyText}+c2a4f0d1+AYfNpB1mN0Jc0h3mJpXo1Yb8y2xJ6uC5w7kq1mZ4rTsD`,
    id: 'c2a4f0d1',
    state: 'current',
    from: { size: 1_400_112, time: ago(20) },
    until: null,
    announced: 1_400_111,
    overlapUntil: null,
  },
  {
    key: `${keyText}+91be3377+AbQ2o1YxD9p0sKf8dJtR4eWq5vUz7aLmNc6gHi3jBk1P`,
    id: '91be3377',
    state: 'retiring',
    from: { size: 0, time: ago(700) },
    until: null,
    announced: null,
    overlapUntil: ago(-10),
  },
]
export const producers = [
  { producer: '0b1c6c5e-6a0e-4a5b-9a29-0d6d1c6a7f11', identity: 'Edge server Frankfurt', boundAt: ago(200) },
  {
    producer: '7f2d9a44-1f7f-4c38-8e0d-55c2c3f0a9b2',
    identity: 'Edge server Dallas',
    boundAt: ago(500),
    releasedAt: ago(90),
  },
]

interface Report {
  readonly producers: readonly object[]
  readonly reconciliation: object
}

/** The same report where numbers are missing, a start contradicts and counts differ. */
export function brokenReport<Whole extends Report>(report: Whole): Whole {
  const [first, ...others] = report.producers
  const found = { count: 3, places: [{ first: 40, last: 42, index: 39 }] }
  const odd = { count: 2, places: [{ index: 60, time: ago(1) }] }
  const producer = { ...first, missing: found, contradictions: { ...found, count: 1 }, lateDated: odd }
  const differing = { count: 1, places: [{ producer: 'service', first: 0, last: 60 }] }
  return { ...report, producers: [producer, ...others], reconciliation: { ...report.reconciliation, differing } }
}
