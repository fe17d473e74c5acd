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

/** Options of commands that bring key material in. */
export interface ImportOptions {
  /** File with the material. */
  readonly material?: string
  /** Form in which the material is encrypted for the instance; in the clear when undefined. */
  readonly importToken?: ImportForm
}

/** HPCS: SHA-1 and AES-CBC. Key Protect: SHA-256 and AES-GCM. The server takes both. */
export type ImportForm = 'hpcs' | 'key-protect'

/** Key material comes from a file or the standard input, never as an argument, which others on the machine can read. */
export function importOptions(command: Command, what: string): Command {
  return command
    .option('--material <file>', `${what}, as raw bytes (- is the standard input)`)
    .addOption(
      new Option(
        '--import-token <form>',
        'encrypt the material by the import token of the instance, which counts as a retrieval',
      ).choices(['hpcs', 'key-protect'] satisfies ImportForm[]),
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
