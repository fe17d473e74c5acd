/** Which server, tracker and instance a command speaks to, and with which API key. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import manifest from '../package.json' with { type: 'json' }
import { ApiClient } from './api-client.ts'
import { CliError } from './cli-error.ts'
import type { Surroundings } from './surroundings.ts'

/** Options of every command that speaks to a server. */
export interface ServerOptions {
  readonly url?: string
  readonly apiKeyFile?: string
}

/** What a running server on this machine wrote about itself. */
interface RunFile {
  readonly http?: string
  readonly kmip?: string
  readonly ep11?: string
  readonly console?: string
  readonly instance?: string
  readonly location?: string
}

export interface Connection {
  readonly client: ApiClient
  /** Of a server on this machine: its first instance and location. */
  readonly instance: string | undefined
  readonly location: string | undefined
}

/** The longest key file or run file read, in bytes. */
const fileBytesMax = 65_536

/**
 * Finds server and API key: options, then environment, then what a server on this machine left in its data folder.
 *
 * @throws CliError `BAD_INPUT`, `UNREACHABLE` when nothing says where a server is
 */
export async function connect(io: Surroundings, options: ServerOptions): Promise<Connection> {
  const { environment } = io
  const data = environment['KEYWITNESS_DATA'] ?? './data'
  const given = options.url ?? environment['KEYWITNESS_URL']
  const run = given === undefined ? await readRunFile(data) : undefined
  const base = given === undefined ? addressOf(run, data) : parseUrl(given)
  const isLocal = isLoopback(base)
  if (base.protocol === 'http:' && !isLocal) {
    throw new CliError(
      'BAD_INPUT',
      `${base.origin} is not this machine and not https: the API key would travel in the clear`,
      'use an https address',
    )
  }
  const apiKey = await readApiKey(io, options, isLocal ? data : undefined)
  return {
    client: new ApiClient({
      base,
      apiKey,
      agent: `keywitness/${manifest.version}`,
      fetch: io.fetch,
      signal: io.signal,
      wait: (ms) => io.wait(ms),
    }),
    instance: environment['KEYWITNESS_INSTANCE'] ?? run?.instance,
    location: environment['KEYWITNESS_LOCATION'] ?? run?.location,
  }
}

function parseUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new CliError('BAD_INPUT', `not the address of a server: ${text}`, 'give it like https://keys.example.com')
  }
  return url
}

function isLoopback(url: URL): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname)
}

function addressOf(run: RunFile | undefined, data: string): URL {
  if (run?.http === undefined) {
    throw new CliError(
      'UNREACHABLE',
      `no server is running here: ${join(data, 'run.json')} is not there`,
      'start one with npm start, or set KEYWITNESS_URL or KEYWITNESS_DATA',
    )
  }
  const scheme = run.console?.startsWith('https:') === true ? 'https' : 'http'
  return parseUrl(`${scheme}://${run.http}`)
}

/** What a server on this machine wrote about itself; undefined when none runs. */
export function localRun(io: Surroundings): Promise<RunFile | undefined> {
  return readRunFile(io.environment['KEYWITNESS_DATA'] ?? './data')
}

async function readRunFile(data: string): Promise<RunFile | undefined> {
  const text = await readSmallFile(join(data, 'run.json'))
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) throw new SyntaxError('not an object')
    const entries = Object.entries(value).filter(([, member]) => typeof member === 'string')
    return Object.fromEntries(entries)
  } catch {
    throw new CliError('BAD_INPUT', `${join(data, 'run.json')} is damaged`, 'restart the server, or pass --url')
  }
}

/** The development server's own key is for servers on this machine only. */
async function readApiKey(io: Surroundings, options: ServerOptions, data: string | undefined): Promise<string> {
  const { environment } = io
  const key = environment['KEYWITNESS_API_KEY']
  if (options.apiKeyFile === undefined && key !== undefined && key !== '') return checkApiKey(key, 'KEYWITNESS_API_KEY')
  const named = options.apiKeyFile ?? environment['KEYWITNESS_API_KEY_FILE']
  const file = named ?? (data === undefined ? undefined : join(data, 'api-key'))
  const text = file === undefined ? undefined : await readSmallFile(file)
  if (text === undefined) {
    throw new CliError(
      'BAD_INPUT',
      named === undefined ? 'no API key' : `cannot read the API key file ${named}`,
      'set KEYWITNESS_API_KEY or KEYWITNESS_API_KEY_FILE, or pass --api-key-file',
    )
  }
  return checkApiKey(text.trim(), file ?? '')
}

function checkApiKey(key: string, origin: string): string {
  if (/^[\x21-\x7e]{1,512}$/.test(key)) return key
  throw new CliError('BAD_INPUT', `what ${origin} holds is no API key`)
}

/** A small text file; undefined when it is not there. */
async function readSmallFile(path: string): Promise<string | undefined> {
  try {
    const text = await readFile(path, 'utf8')
    if (text.length > fileBytesMax) throw new CliError('BAD_INPUT', `${path} is too large`)
    return text
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    if (error instanceof CliError) throw error
    throw new CliError('BAD_INPUT', `cannot read ${path}: ${(error as Error).message}`)
  }
}
