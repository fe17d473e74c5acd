/**
 * `npm run soak [-- rounds]`: crash rounds by the hundred on one data folder; stops at the first thing that is wrong.
 * `npm run soak -- delivery [cuts]`: two servers with a forwarder between them, cut and healed a hundred times.
 * `npm run soak -- alerts [kills]`: a server killed a hundred times while rules fire for every call.
 * `npm run soak -- rotation [rotations]`: a hundred rotations of a master key, each cut short somewhere.
 * `npm run soak -- kmip [connections [messages [seed]]]`: ten thousand hostile connections, and altered messages.
 * `npm run soak -- tables [flips]`: the trail's tables of faults and crashes whole; a run of the tests takes a share.
 */
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { alertSoak } from './alert-soak.ts'
import { crashRound, type Harm, patienceMs } from './crash-round.ts'
import { deliverySoak } from './delivery-soak.ts'
import { kmipSoak } from './kmip-soak.ts'
import { newDataFolder } from './product.ts'
import { rotationSoak } from './rotation-soak.ts'

if (process.argv[2] === 'delivery') {
  const { cuts, asked, wrong } = await deliverySoak(Number(process.argv[3] ?? '100'), (line) => console.log(line))
  for (const what of wrong) console.log(`WRONG: ${what}`)
  console.log(`${cuts} cuts, ${asked} events, ${wrong.length === 0 ? 'nothing lost, nothing doubled' : 'not good'}`)
  process.exit(wrong.length === 0 ? 0 : 1)
}

if (process.argv[2] === 'alerts') {
  const { kills, uses, alerts, wrong } = await alertSoak(Number(process.argv[3] ?? '100'), (line) => console.log(line))
  for (const what of wrong) console.log(`WRONG: ${what}`)
  const end = wrong.length === 0 ? 'nothing lost, nothing invented' : 'not good'
  console.log(`${kills} kills, ${uses} uses of keys, ${alerts} alerts: ${end}`)
  process.exit(wrong.length === 0 ? 0 : 1)
}

if (process.argv[2] === 'rotation') {
  const asked = Number(process.argv[3] ?? '100')
  const { rotations, kills, wrong } = await rotationSoak(asked, (line) => console.log(line))
  for (const what of wrong) console.log(`WRONG: ${what}`)
  console.log(`${rotations} rotations, ${kills} kills: ${wrong.length === 0 ? 'every key opens' : 'not good'}`)
  process.exit(wrong.length === 0 ? 0 : 1)
}

if (process.argv[2] === 'kmip') {
  const [connections = 10_000, messages = 100_000, seed = randomInt(2 ** 30)] = process.argv.slice(3).map(Number)
  const { served, wrong } = await kmipSoak({ connections, messages, seed }, (line) => console.log(line))
  for (const what of wrong) console.log(`WRONG: ${what}`)
  const end = wrong.length === 0 ? 'nothing fell' : 'not good'
  console.log(`${connections} connections, ${messages} messages from seed ${seed}, ${served} honest answers: ${end}`)
  process.exit(wrong.length === 0 ? 0 : 1)
}

if (process.argv[2] === 'tables') {
  const root = join(import.meta.dirname, '../../..')
  const ofTrail = ['tracker.fault', 'prune.fault', 'key-rotation.fault', 'tell.crash', 'tracker.crash', 'fsck/sweep']
  const ways = [
    'keeping-crash',
    'old-data',
    'rotation-crash',
    'ceremony-crash',
    'stale-units',
    'remote-tracker',
    'seal.test',
  ]
  const words = ['run', ...ofTrail.map((name) => `tracker/src/${name}`), ...ways.map((name) => `testkit/test/${name}`)]
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...words], {
    cwd: root,
    env: { ...process.env, KEYWITNESS_SWEEP: process.argv[3] ?? '500' },
    stdio: 'inherit',
  })
  process.exit(status ?? 1)
}

const rounds = Number(process.argv[2] ?? '200')
if (!Number.isSafeInteger(rounds) || rounds < 1) {
  console.error(
    'Usage: npm run soak -- [rounds]   a whole number, 200 when not given; or: delivery [cuts], alerts [kills], rotation [rotations], kmip [connections [messages [seed]]], tables [flips]',
  )
  process.exit(2)
}

/** Mostly kill -9; every fourth round one of the faults of COMMIT. */
function harmOf(round: number): { name: string; harm: Harm } {
  const nth = randomInt(5, 400)
  if (round % 4 !== 3) {
    return { name: `kill -9 after ${nth} calls`, harm: { after: nth, act: (product) => product.kill() } }
  }
  const kind = ['stall', 'fail', 'lie'][Math.floor(round / 4) % 3] as string
  return { name: `COMMIT ${nth} made to ${kind}`, harm: { fault: `commit:${kind}@${Math.max(60, nth)}` } }
}

const data = newDataFolder()
let answered = 0
let unanswered = 0
let slowestMs = 0
let isGood = true
for (let round = 0; round < rounds && isGood; round++) {
  const { name, harm } = harmOf(round)
  const report = await crashRound(data, harm)
  answered += report.answered
  unanswered += report.unanswered
  slowestMs = Math.max(slowestMs, report.slowestMs)
  isGood = report.wrong.length === 0 && report.slowestMs < patienceMs
  console.log(
    `${String(round + 1).padStart(4)}/${rounds}  ${name.padEnd(28)} ${report.answered} answered, ${report.unanswered} not, ` +
      `${report.entries} entries, slowest ${Math.round(report.slowestMs)} ms, restart ${Math.round(report.restartMs)} ms` +
      (isGood ? '' : `\nWRONG: ${report.wrong.join('\n       ')}`),
  )
}
console.log(`${answered} calls answered, ${unanswered} cut off, slowest ${Math.round(slowestMs)} ms`)
if (isGood) rmSync(data, { recursive: true })
else console.log(`The data folder is kept: ${data}`)
process.exit(isGood ? 0 : 1)
