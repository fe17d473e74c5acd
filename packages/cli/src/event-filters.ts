/** The filters of the trail as options, for lists and tails alike. */
import { type Command, Option } from 'commander'
import { parseQuery, QueryError } from '@keywitness/cadf'
import type { RequestOptions } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { several } from './command-options.ts'
import { markBelow } from './place-mark.ts'

export interface FilterOptions {
  readonly query?: string
  readonly tz?: string
  readonly action?: readonly string[]
  readonly outcome?: readonly string[]
  readonly severity?: readonly string[]
  readonly initiator?: readonly string[]
  readonly target?: readonly string[]
  readonly instance?: readonly string[]
  readonly correlationId?: readonly string[]
  readonly keyId?: readonly string[]
  readonly reasonCode?: readonly string[]
  readonly text?: string
}

export function withFilters(command: Command): Command {
  const oneOf = (flags: string, description: string, choices: readonly string[]): Option =>
    new Option(flags, `${description}: ${choices.join(', ')}`).argParser((value, before: string[] | undefined) => {
      const values = value.split(',')
      const wrong = values.find((one) => !choices.includes(one))
      if (wrong !== undefined) command.error(`error: ${flags} takes ${choices.join(', ')}`)
      return [...(before ?? []), ...values]
    })
  return command
    .option('-q, --query <query>', 'in the query language, such as "outcome:failure -agent:curl"; see events fields')
    .option('--tz <zone>', 'time zone of times that name none, such as Europe/Berlin', 'UTC')
    .option('--action <name>', 'this action, by its current or a former name; may be repeated', several)
    .addOption(oneOf('--severity <severity>', 'of this severity', ['normal', 'warning', 'critical']))
    .addOption(oneOf('--outcome <outcome>', 'with this outcome', ['success', 'failure', 'pending', 'unknown']))
    .option('--initiator <id>', 'by this initiator', several)
    .option('--target <crn>', 'on this target', several)
    .option('--key-id <id>', 'about this key', several)
    .option('--instance <guid>', 'of this service instance', several)
    .option('--correlation-id <id>', 'of this request', several)
    .option('--reason-code <code>', 'with this status code', several)
    .option('--text <words>', 'holding all of these words')
}

/** The filters as the API's query parameters. */
export function filterQuery(options: FilterOptions): NonNullable<RequestOptions['query']> {
  const { action, outcome, severity, initiator, target, instance, correlationId, keyId, reasonCode, text } = options
  const { query, tz } = options
  if (query !== undefined) checkQuery(query)
  const zone = tz === 'UTC' ? undefined : tz
  const filters = { action, outcome, severity, initiator, target, instance, correlationId, keyId, reasonCode, text }
  return { ...filters, query, tz: zone }
}

/** Says here what is wrong with a query, with a mark below the place. */
export function checkQuery(query: string): void {
  try {
    parseQuery(query, { now: 0 })
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    const marked = markBelow(query, error.at, error.length)
    throw new CliError('BAD_INPUT', error.message, 'keywitness events fields names the fields', marked)
  }
}
