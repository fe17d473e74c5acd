/** How long events are kept, what must not go, and what two people decide: as it stands. */
import {
  lackWhere,
  type NowFound,
  type NowPart,
  type NowQuestion,
  type NowReader,
  nowTable,
  numberIn,
  readAll,
  textIn,
  tracker,
} from './now-part.ts'
import { columns, count } from './report.ts'
import { dataOf, memberText } from './report-event.ts'

/** Pages of 200. */
const pages = 5

export const retentionNow: NowPart = { id: 'retention', read: readRetention }
export const holdsNow: NowPart = { id: 'holds', read: readHolds }
export const proposalsNow: NowPart = { id: 'proposals', read: readProposals }

async function readRetention(ask: NowReader, question: NowQuestion): Promise<NowFound> {
  const { body, at } = await ask(`${tracker(question)}/retention`)
  const { retentionDays, before, minimumIndex } = dataOf(body)
  const days = numberIn(retentionDays)
  return {
    asOf: at,
    facts: [
      days === 0
        ? { id: 'retentionDays', kind: 'code', value: 'for-ever' }
        : { id: 'retentionDays', kind: 'count', value: days },
      { id: 'mayGoBefore', kind: 'time', value: textIn(before) },
      { id: 'minimumIndex', kind: 'count', value: numberIn(minimumIndex) },
    ],
    tables: [
      nowTable('retentionNow', columns('retentionDays:count', 'mayGoBefore:time', 'minimumIndex:count'), at, [
        [days, textIn(before), numberIn(minimumIndex)],
      ]),
    ],
    lacks: [],
  }
}

async function readHolds(ask: NowReader, question: NowQuestion): Promise<NowFound> {
  const { items, at, isCut } = await readAll(ask, `${tracker(question)}/holds`, 'holds', { pages })
  return {
    asOf: at,
    facts: [
      count('holdsInForce', items.filter(({ state }) => state === 'open').length),
      count('holdsEver', items.length),
    ],
    tables: [
      nowTable(
        'holdsNow',
        columns(
          'reason',
          'holdState:code',
          'asked',
          'firstIndex:count',
          'lastIndex:count',
          'created:time',
          'createdBy',
          'releasedAt:time',
          'releasedBy',
          'eventsCopied:count',
          'hold',
        ),
        at,
        items.map((each) => [
          memberText(each, 'reason'),
          memberText(each, 'state'),
          memberText(each, 'query'),
          numberIn(each['first']),
          numberIn(each['last']),
          textIn(each['placedAt']),
          memberText(each, 'placedBy.name'),
          textIn(each['releasedAt']),
          memberText(each, 'releasedBy'),
          numberIn(each['eventsCopied']),
          memberText(each, 'id'),
        ]),
      ),
    ],
    lacks: lackWhere(isCut, 'holds-cut'),
  }
}

async function readProposals(ask: NowReader, question: NowQuestion): Promise<NowFound> {
  const { items, at, isCut } = await readAll(ask, `${tracker(question)}/proposals`, 'proposals', { pages })
  return {
    asOf: at,
    facts: [count('proposalsOpen', items.filter(({ state }) => state === 'open').length)],
    tables: [
      nowTable(
        'proposalsNow',
        columns(
          'proposed:time',
          'kind:code',
          'says',
          'proposedBy',
          'proposalState:code',
          'lapses:time',
          'endedAt:time',
          'endedBy',
          'proposal',
        ),
        at,
        items.map((each) => [
          textIn(each['proposedAt']),
          memberText(each, 'kind'),
          memberText(each, 'says'),
          memberText(each, 'proposedBy.name'),
          memberText(each, 'state'),
          textIn(each['expiresAt']),
          textIn(each['endedAt']),
          memberText(each, 'endedBy'),
          memberText(each, 'id'),
        ]),
      ),
    ],
    lacks: lackWhere(isCut, 'proposals-cut'),
  }
}
