/** Options that the commands about crypto units share, spelled once. */
import { type Command, Option } from 'commander'
import { several, withInstance } from '../command-options.ts'
import type { InstanceOptions } from '../kms-api.ts'

/** Of commands about files in the state folder. */
export interface FolderOptions {
  readonly passwordFile?: readonly string[]
  readonly yes?: boolean
}

/** How results are shown. */
export interface OutputOptions {
  readonly json?: boolean
  readonly output?: 'text' | 'json'
}

/** Of commands that speak to units. */
export interface UnitOptions extends InstanceOptions, FolderOptions, OutputOptions {
  readonly unit?: readonly string[]
  readonly rootFile?: string
  readonly accept?: readonly string[]
}

/** Of commands that somebody signs. */
export interface SignedOptions extends UnitOptions {
  readonly key?: readonly string[]
}

export function isJson({ json, output }: OutputOptions): boolean {
  return json === true || output === 'json'
}

export function withOutput(command: Command): Command {
  return command
    .addOption(new Option('--output <form>', 'text, or json').choices(['text', 'json']))
    .option('--json', 'the same as --output json')
}

export function withPasswords(command: Command): Command {
  return command.option(
    '--password-file <file>',
    'file with the password; <n>.sigkey=<file> or <n>.mkpart=<file> for one of several; may be given several times',
    several,
  )
}

/** Server, instance, units and root; what is dangerous is agreed to by name. @param units where none is named */
export function withUnits(command: Command, units = 'those selected'): Command {
  return withRoot(
    withOutput(withInstance(command)).option(
      '--unit <unit>',
      `a crypto unit, by number, id or location (default: ${units}); may be given several times`,
      several,
    ),
  )
}

/** The same, for commands that act on all units whatever is selected. */
export function withAllUnits(command: Command): Command {
  return withRoot(withOutput(withInstance(command)))
}

function withRoot(command: Command): Command {
  return command
    .option('--root-file <file>', 'the device root that the operator published, pinned on first use')
    .option('--accept <danger>', 'a danger, by the name under which it is told; may be given several times', several)
}

/** The same, for commands that change units. */
export function withSigning(command: Command, units?: string): Command {
  return withPasswords(withUnits(command, units))
    .option(
      '--key <key>',
      'a signature key, by number or name in the signing service (default: those selected); may be given several times',
      several,
    )
    .option('--yes', 'do it without asking')
}
