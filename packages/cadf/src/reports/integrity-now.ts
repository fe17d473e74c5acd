/** What the log shows of its own integrity: the checkpoints it keeps, verifications of its bytes, and the keys that signed it. */
import {
  lackWhere,
  listIn,
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

/** Pages of a thousand. */
const checkpointPages = 5
/** As many as the server lists. */
const verificationsMax = 400

export const checkpointsNow: NowPart = { id: 'checkpoints', read: readCheckpoints }
export const verificationsNow: NowPart = { id: 'verifications', read: readVerifications }
export const logKeysNow: NowPart = { id: 'log-keys', read: readKeys }

async function readCheckpoints(ask: NowReader, question: NowQuestion): Promise<NowFound> {
  const found = await readAll(ask, `${tracker(question)}/log/checkpoints`, 'checkpoints', {
    pages: checkpointPages,
    query: { limit: '1000', before: String(question.size + 1) },
    pageBy: 'before',
  })
  const within = found.items.filter((each) => isWithin(textIn(each['signedAt']), question)).toReversed()
  const oldest = textIn(found.items.at(-1)?.['signedAt'])
  const isCut = found.isCut && oldest !== undefined && Date.parse(oldest) >= Date.parse(question.from)
  return {
    asOf: found.at,
    facts: [count('checkpointsKept', within.length)],
    tables: [
      nowTable(
        'checkpointsNow',
        columns('signed:time', 'size:count', 'root'),
        found.at,
        within.map((each) => [textIn(each['signedAt']), numberIn(each['size']), memberText(each, 'root')]),
      ),
    ],
    lacks: lackWhere(isCut, 'checkpoints-cut'),
  }
}

async function readVerifications(ask: NowReader, question: NowQuestion): Promise<NowFound> {
  const limit = String(verificationsMax)
  const { body, at } = await ask(`${tracker(question)}/log/verifications`, { limit })
  const all = listIn(dataOf(body)['verifications'])
  const within = all.filter((each) => isWithin(textIn(each['startedAt']), question)).toReversed()
  const isIn = (...states: readonly string[]): number =>
    within.filter(({ state }) => typeof state === 'string' && states.includes(state)).length
  const [newest] = all.filter(({ state }) => state === 'good' || state === 'bad')
  return {
    asOf: at,
    facts: [
      count('verifiedGood', isIn('good')),
      count('verifiedBad', isIn('bad')),
      count('verifiedFailed', isIn('failed')),
      { id: 'lastVerified', kind: 'time', value: textIn(newest?.['endedAt']) },
    ],
    tables: [
      nowTable(
        'verificationsNow',
        columns(
          'started:time',
          'endedAt:time',
          'verified:code',
          'trigger:code',
          'entries:count',
          'findings:count',
          'root',
          'reason',
        ),
        at,
        within.map((each) => [
          textIn(each['startedAt']),
          textIn(each['endedAt']),
          memberText(each, 'state'),
          memberText(each, 'trigger'),
          numberIn(each['size']),
          numberIn(each['findingsTotal']),
          memberText(each, 'root'),
          memberText(each, 'reason'),
        ]),
      ),
    ],
    lacks: lackWhere(all.length >= verificationsMax, 'verifications-cut'),
  }
}

async function readKeys(ask: NowReader, question: NowQuestion): Promise<NowFound> {
  const { body, at } = await ask(`${tracker(question)}/log/keys`)
  const keys = listIn(dataOf(body)['keys'])
  return {
    asOf: at,
    facts: [count('keysOfLog', keys.length)],
    tables: [
      nowTable(
        'logKeysNow',
        columns('key', 'state:code', 'fromTime:time', 'fromSize:count', 'untilTime:time', 'announced:count'),
        at,
        keys.map((each) => [
          memberText(each, 'key'),
          memberText(each, 'state'),
          textIn(dataOf(each['from'])['time']),
          numberIn(dataOf(each['from'])['size']),
          textIn(dataOf(each['until'])['time']),
          numberIn(each['announced']),
        ]),
      ),
    ],
    lacks: [],
  }
}

function isWithin(time: string | undefined, { from, to }: NowQuestion): boolean {
  if (time === undefined) return false
  const at = Date.parse(time)
  return at >= Date.parse(from) && at < Date.parse(to)
}
