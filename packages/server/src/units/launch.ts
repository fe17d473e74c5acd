/** How the crypto unit's process is started: empty environment, no network, no core dumps, Node's permission model. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { programFiles } from '../program-files.ts'

/** Descriptor of the pipe inside the unit's process. */
export const PIPE_DESCRIPTOR = 3

const PROBE_MS_MAX = 2_000
const toolFolders = ['/usr/bin', '/bin', '/usr/sbin', '/sbin']

/** What stands before `node` on the command line, found out once per start of the server. */
export function findWrapper(): readonly string[] {
  if (process.platform !== 'linux') return []
  // The hard limit too: the unit cannot raise it again. `env -i` takes away what the shell itself sets.
  const shell = ['/bin/sh', '-c', 'ulimit -c 0; exec "$@"', 'sh']
  const env = tool('env')
  if (env === undefined || !works([...shell, env, '-i', '/bin/sh', '-c', ':'])) return []
  return [...shell, ...withoutNetwork(), ...withoutPrivileges(), env, '-i']
}

/** A network namespace of its own, with nothing in it: as root, or else through a user namespace where allowed. */
function withoutNetwork(): readonly string[] {
  const unshare = tool('unshare')
  if (unshare === undefined) return []
  const ways = [
    [unshare, '--net', '--'],
    [unshare, '--user', '--map-current-user', '--net', '--'],
  ]
  return ways.find((way) => works([...way, '/bin/sh', '-c', ':'])) ?? []
}

/** No new privileges ever, and an end with the server even while stopped by a signal. */
function withoutPrivileges(): readonly string[] {
  const setpriv = tool('setpriv')
  if (setpriv === undefined) return []
  const way = [setpriv, '--no-new-privs', '--pdeathsig', 'KILL', '--']
  return works([...way, '/bin/sh', '-c', ':']) ? way : []
}

function tool(name: string): string | undefined {
  return toolFolders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

function works([command = '', ...words]: readonly string[]): boolean {
  return spawnSync(command, words, { env: {}, stdio: 'ignore', timeout: PROBE_MS_MAX }).status === 0
}

/** Node's own: of all files the process may read those of the unit, and it writes and starts nothing. */
export function restrictions(): readonly string[] {
  return [
    '--permission',
    ...programFiles.unit.readable.map((path) => `--allow-fs-read=${path}`),
    '--disable-sigusr1',
    '--no-addons',
    '--disallow-code-generation-from-strings',
  ]
}

/** Starts the process; its pipe is `stdio[3]`, what it says about its end comes on stderr. */
export function launchUnit(wrapper: readonly string[]): ChildProcess {
  const words = [...wrapper, process.execPath, ...restrictions(), programFiles.unit.main]
  return spawn(words[0] ?? process.execPath, words.slice(1), {
    env: {},
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    // A session of its own: Ctrl-C in the server's terminal must not end it before the server has drained.
    detached: true,
  })
}
