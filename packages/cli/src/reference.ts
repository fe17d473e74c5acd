/** The command line's reference page, written from the program itself. */
import type { Command } from 'commander'

/** `docs/reference/cli.md`. */
export function cliReference(program: Command): string {
  const parts = [
    '# Command line',
    'Written from the program by `npx vitest run packages/cli -u`; the same test holds it to the program.',
    program.description(),
    '## Where it looks',
    [
      '| setting | default | meaning |',
      '|---|---|---|',
      '| `KEYWITNESS_URL` | the server in the data folder | address of the server; https unless it is this machine |',
      '| `KEYWITNESS_API_KEY`, `KEYWITNESS_API_KEY_FILE` | `<data>/api-key`, for this machine only | the API key, or a file with it |',
      '| `KEYWITNESS_LOCATION` | the server’s own, or the only one | location of the tracker |',
      '| `KEYWITNESS_INSTANCE` | the server’s first | service instance of the keys |',
      '| `KEYWITNESS_DATA` | `./data` | data folder of a server on this machine |',
      '| `KEYWITNESS_SEAL`, `KEYWITNESS_CONFIG` | `<data>/seal.key` | for `seal`: its file, and the settings file of the server that may name it |',
      '| `KEYWITNESS_HOME` | `~/.keywitness` | what the command remembers: `heads/` holds the verified heads and keys of logs, `certs/` the signature keys of certificate administrators |',
      '| `CLOUDTKEFILES` | `tke/` in `KEYWITNESS_HOME` | signature keys, key parts, selected crypto units, pinned roots, `commands.jsonl`; must exist where it is set |',
      '| `TKE_SIGNSERV_URL` | none | a signing service that holds signature keys, for `tke` and `cert`; `SIGNSERVKEYS` in the folder above names them |',
      '| `NO_COLOR` | none | no colours |',
      '| `NODE_EXTRA_CA_CERTS` | none | PEM file of a certificate authority of your own |',
    ].join('\n'),
    '## Exit codes',
    [
      '| code | meaning |',
      '|---:|---|',
      '| 0 | good |',
      '| 1 | a verification failed, what was remembered of a log is damaged, crypto units differ, or alerting is in trouble |',
      '| 2 | the command line, or a file given to it, is wrong |',
      '| 3 | the server cannot be reached, or it or a crypto unit refused |',
    ].join('\n'),
    '## Commands',
    ...leaves(program, 'keywitness').map(([path, command]) => `### ${path}\n\n\`\`\`\n${helpOf(command)}\n\`\`\``),
  ]
  return `${parts.join('\n\n')}\n`
}

/** Every command that does something, with its whole name; what only completion scripts call is left out. */
function leaves(command: Command, path: string): [string, Command][] {
  const visible = command.createHelp().visibleCommands(command)
  return visible
    .filter((child) => child.name() !== 'help')
    .flatMap((child): [string, Command][] => {
      const name = `${path} ${child.name()}`
      return child.commands.length > 0 ? leaves(child, name) : [[name, child]]
    })
}

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (piece) => (text += piece), getOutHelpWidth: () => 100 })
  command.outputHelp()
  return text.trim()
}
