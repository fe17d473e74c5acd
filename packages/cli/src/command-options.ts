/** Options that many commands share, spelled once. */
import { type Command, InvalidArgumentError, Option } from 'commander'

/** Server and API key. */
export function withServer(command: Command): Command {
  return command
    .addOption(new Option('--url <url>', 'address of the server (KEYWITNESS_URL, else the server in ./data)'))
    .addOption(
      new Option(
        '--api-key-file <file>',
        'file with the API key (KEYWITNESS_API_KEY, KEYWITNESS_API_KEY_FILE, else ./data/api-key)',
      ),
    )
}

/** Server, API key and the tracker's location. */
export function withTrail(command: Command): Command {
  return withServer(command).addOption(
    new Option(
      '--location <location>',
      "the tracker's location (KEYWITNESS_LOCATION, else the server's own, or the only one)",
    ),
  )
}

/** Server, API key and service instance. */
export function withInstance(command: Command): Command {
  return withServer(command).addOption(
    new Option('--instance <guid>', "the service instance (KEYWITNESS_INSTANCE, else the server's first)"),
  )
}

/** A whole number within bounds, for commander. */
export function wholeNumber(low: number, high: number): (value: string) => number {
  return (value) => {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
    if (number >= low && number <= high) return number
    throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`)
  }
}

/** Gathers an option that may be given several times. */
export function several(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value]
}

/** Examples below a command's help. */
export function examples(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ keywitness ${line}\n`).join('')}`)
}
