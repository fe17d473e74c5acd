/** `keywitness tke root`: the key that all device certificates hang from, shown and pinned. */
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, withInstance } from '../command-options.ts'
import { openInstance } from '../kms-api.ts'
import { printOne } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'
import { consent } from '../tke/consent.ts'
import { Contexts } from '../tke/contexts.ts'
import { isJson, type UnitOptions, withOutput } from '../tke/options.ts'
import { isSame, readRootFile, shownRoot } from '../tke/root-pinning.ts'
import { StateFolder } from '../tke/state-folder.ts'
import { TkeApi } from '../tke/tke-api.ts'

interface Options extends UnitOptions {
  readonly pin?: string
}

export function addTkeRoot(tke: Command, io: Surroundings): void {
  const command = withOutput(withInstance(tke.command('root')))
    .description('the device root: what the server shows, what is pinned here; exit code 1 when they differ')
    .option('--pin <file>', 'trust the root that the operator published: an object with ski, x and y')
    .option('--yes', 'replace another pinned root without asking')
    .action((options: Options) => root(io, options))
  examples(command, 'tke root', 'tke root --pin root.json', 'tke root --output json')
}

async function root(io: Surroundings, options: Options): Promise<void> {
  const folder = await StateFolder.of(io)
  const { client, instance } = await openInstance(io, options)
  const api = new TkeApi(client, instance)
  const contexts = new Contexts(folder)
  if (options.pin !== undefined) {
    const wanted = await readRootFile(options.pin)
    const before = await contexts.root(api)
    if (before !== undefined && !isSame(before, wanted)) {
      await consent(io, options, 'Trusts another device root from now on:', [
        `before  ${before.ski}`,
        `now     ${wanted.ski}`,
        'Units that prove themselves under the old one are refused.',
      ])
    }
    await contexts.pin(api, wanted, 'from a file')
  }
  const shown = await shownRoot(api)
  const pinned = await contexts.root(api)
  const { ski, x, y } = shown
  printOne(
    io,
    isJson(options),
    isJson(options)
      ? { ski, x, y, pinned: pinned?.ski ?? '', how: pinned?.pinned ?? 'not pinned yet' }
      : { ski, x, y, pinned: pinned === undefined ? 'nothing yet' : `${pinned.ski}, ${pinned.pinned}` },
  )
  if (pinned === undefined || isSame(pinned, shown)) return
  throw new CliError(
    'VERIFICATION_FAILED',
    'the server shows another device root than is pinned',
    'somebody may stand between you and the crypto units; ask the operator',
  )
}
