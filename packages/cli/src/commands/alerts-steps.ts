/** `keywitness alerts acknowledge`, `assign`, `comment`, `close` and `reopen`: what people do about an alert. */
import type { Command } from 'commander'
import { callAt, pathOf } from '../alerts-api.ts'
import { examples, withTrail } from '../command-options.ts'
import { printable, printableJson } from '../printable.ts'
import { advised } from '../refusal-advice.ts'
import type { Surroundings } from '../surroundings.ts'
import { openTrail, type TrailOptions } from '../trail-api.ts'
import { sampleAlert } from './alerts.ts'

interface Options extends TrailOptions {
  readonly comment?: string
  readonly json?: boolean
}

const advice = {
  ALERT_CLOSED: 'keywitness alerts reopen opens it again',
  ALERT_NOT_CLOSED: 'there is nothing to reopen',
  ALREADY_EXISTS: 'a newer alert of the same rule and group is open: go on with that one',
}

export function addAlertsSteps(alerts: Command, io: Surroundings): void {
  const acknowledge = withTrail(alerts.command('acknowledge'))
    .description('say that somebody looks after an alert: you, unless it is assigned to somebody')
    .argument('<alert>', 'its id')
    .option('--comment <text>', 'what is to be said about it')
    .option('--json', 'as JSON')
    .action((id: string, options: Options) => step(io, id, 'acknowledge', bodyOf(options), options, 'acknowledged'))
  examples(acknowledge, `alerts acknowledge ${sampleAlert}`, `alerts acknowledge ${sampleAlert} --comment "on it"`)

  const assign = withTrail(alerts.command('assign'))
    .description('say who looks after an alert')
    .argument('<alert>', 'its id')
    .argument('<who>', 'id of a user or service ID, or nobody')
    .option('--comment <text>', 'what is to be said about it')
    .option('--json', 'as JSON')
    .action((id: string, who: string, options: Options) => {
      const json = { assignee: who === 'nobody' ? null : who, ...bodyOf(options) }
      return step(io, id, 'assign', json, options, `assigned to ${printable(who)}:`)
    })
  examples(
    assign,
    `alerts assign ${sampleAlert} IBMid-0190a2b45f6a7c3d8e9f001122334455`,
    `alerts assign ${sampleAlert} nobody --comment "handed back"`,
  )

  for (const [how, description, done] of [
    ['comment', 'say something about an alert', 'commented'],
    ['close', 'close an alert, saying what came of it; what fires from now on raises another', 'closed'],
    ['reopen', 'open a closed alert again, unless another of its rule and group is open', 'reopened'],
  ] as const) {
    const command = withTrail(alerts.command(how))
      .description(description)
      .argument('<alert>', 'its id')
      .argument('<comment>', how === 'comment' ? 'what is to be said about it' : 'why; it stands in the trail')
      .option('--json', 'as JSON')
      .action((id: string, comment: string, options: Options) => step(io, id, how, { comment }, options, done))
    examples(command, `alerts ${how} ${sampleAlert} "Ana meant to: change 4711"`)
  }
}

function bodyOf({ comment }: Options): object {
  return comment === undefined ? {} : { comment }
}

async function step(
  io: Surroundings,
  id: string,
  how: string,
  json: object,
  options: Options,
  done: string,
): Promise<void> {
  const trail = await openTrail(io, options)
  const alert = await advised(advice, callAt(trail, 'POST', pathOf('alerts', id, how), json))
  io.out.write(options.json === true ? `${printableJson(alert, 2)}\n` : `${done} ${printable(id)}\n`)
}
