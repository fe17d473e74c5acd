/** Runs the server until a signal ends it: start, say where it is, wait, drain, exit with a telling code. */
import { constants } from 'node:os'
import { styleText } from 'node:util'
import { type RunningServer, type ServerFaults, startServer } from './app.ts'
import { askPassphrase } from './ask-passphrase.ts'
import { type Config, loadConfig, secretSettings } from './config.ts'
import type { PassphraseTerminal } from './seal.ts'
import { StartError } from './start-error.ts'

export type { ServerFaults } from './app.ts'
export type { Audit } from './audit.ts'

/** Never returns before the server has ended. Failures go to standard error as one clear sentence. */
export async function runServer(
  environment: Readonly<Record<string, string | undefined>>,
  faults: ServerFaults = {},
): Promise<void> {
  // Whatever the data folder's own rights are: files made here are their owner's only.
  process.umask(0o077)
  let server: RunningServer | undefined
  let isStopping = false
  const stop = (signal: NodeJS.Signals): void => {
    // A start that is cut short leaves what a crash would, and the next one goes on from there.
    if (server === undefined) process.exit(128 + constants.signals[signal])
    if (isStopping) return
    isStopping = true
    process.stdout.write(`\n${signal}: draining … `)
    server.stop().then(
      () => {
        process.stdout.write('stopped\n')
        process.exit(0)
      },
      (error: unknown) => {
        process.stderr.write(`keywitness: did not stop cleanly: ${String(error)}\n`)
        process.exit(70)
      },
    )
  }
  // Handled from before run.json invites signals, and for good: Ctrl-C reaches this process twice, from the terminal and
  // from the program that started it, and a signal that nobody handles would end it in the middle of the drain.
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  let config: Config
  try {
    const loaded = loadConfig(environment)
    config = loaded.config
    // Read once: no thread, child process or diagnostic report finds them here.
    for (const name of secretSettings) delete process.env[name]
    const terminal = terminalOf(() => stop('SIGINT'))
    server = await startServer(config, loaded.secrets, { progress: sayProgress, terminal, faults })
  } catch (error) {
    process.exitCode = error instanceof StartError ? error.exitCode : 70
    const text =
      error instanceof StartError ? `${error.message} (${error.code})` : ((error as Error).stack ?? String(error))
    process.stderr.write(`\nkeywitness cannot start: ${text}\n`)
    // A thread or child that is still there must not keep a failed start alive.
    setTimeout(() => process.exit(), 500).unref()
    return
  }
  sayReady(config, server)
}

/** The terminal this process was started at; undefined when nobody would see a question, or could answer it. */
function terminalOf(onInterrupt: () => void): PassphraseTerminal | undefined {
  const { stdin: input, stdout, stderr } = process
  // One of the two may lead into a file.
  const output = [stderr, stdout].find(({ isTTY }) => isTTY)
  if (!input.isTTY || output === undefined) return undefined
  return {
    ask: (question) => askPassphrase(question, { input, output, onInterrupt }),
    tell: (text) => void output.write(text),
  }
}

function sayProgress(step: string): void {
  process.stdout.write(`  ${step}\n`)
}

function sayReady(config: Config, server: RunningServer): void {
  const bold = (text: string): string => styleText('bold', text)
  const { origin, isFirstStart } = server
  const lines = ['', `${bold('Keywitness is ready')}  ${origin}   data in ${config.data}`, '']
  if (config.profile === 'development') {
    lines.push(
      `  Console     ${bold(server.signInLink ?? origin)}`,
      `              ${styleText('dim', 'signs in once, within 15 minutes; restart for a new link, or use the API key')}`,
      `  API key     ${bold(server.apiKey ?? '(see the api-key file of the first start)')}`,
      `  Instance    ${bold(server.instance)}   in ${server.location}`,
      ...furtherListeners(server),
      '',
      `  Try         ${bold('npx keywitness keys create my-first-key && npx keywitness events list')}`,
      '',
    )
    if (isFirstStart) {
      lines.push(
        styleText(
          'yellow',
          '  Development profile: the administrators’ keys and master key parts of the crypto units were',
        ),
        styleText(
          'yellow',
          `  generated here and lie in ${config.data}/ceremony. Do not keep real keys in this data folder.`,
        ),
        '',
      )
    }
  } else {
    lines.push(
      `  Console     ${origin}`,
      `  Instance    ${server.instance}   in ${server.location}`,
      ...furtherListeners(server),
      '',
    )
    if (isFirstStart) {
      lines.push(`  The first API key is in ${config.data}/api-key (0600). Store it elsewhere and delete the file.`)
      lines.push(
        '  The crypto units have no master key yet, and no key can be made: see docs/guides/crypto-units.md.',
        '',
      )
    }
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** Where else it listens; nothing where all of it is off. */
function furtherListeners({ addresses: { kmip, ep11, ep11Private } }: RunningServer): string[] {
  const named = { KMIP: kmip, EP11: ep11, 'EP11, private': ep11Private }
  const open = Object.entries(named).flatMap(([name, address]) => (address === undefined ? [] : `${name} ${address}`))
  return open.length === 0 ? [] : [`  Also at     ${open.join('   ')}`]
}
