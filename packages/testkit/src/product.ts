/** A real server process on loopback with a data folder of its own: started, watched, stopped or killed by tests. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../..')
/** As they are built, where a command has seen to it that they are new; else from their sources, at twice the time. */
export const programs =
  process.env['TESTKIT_BUILT'] === '1'
    ? {
        product: join(root, 'packages/server/dist/main.mjs'),
        faulty: join(root, 'packages/testkit/dist/main.mjs'),
      }
    : {
        product: join(root, 'packages/server/src/main.ts'),
        faulty: join(root, 'packages/testkit/src/faulty-main.ts'),
      }

/** What `run.json` says of a running server. */
export interface RunFile {
  readonly pid: number
  readonly http: string
  readonly httpPrivate: string
  readonly kmip: string
  readonly ep11: string
  readonly ep11Private: string
  readonly instance: string
  readonly location: string
  readonly unitPid?: number
}

export interface ProductOptions {
  /** Kept when given; otherwise made, and removed by `remove`. */
  readonly data?: string
  readonly env?: Readonly<Record<string, string>>
  /** A fault switch of faulty-main.ts, such as `commit:stall@20`. */
  readonly fault?: string
  /** Longest wait for readiness, milliseconds. */
  readonly readyMs?: number
}

export interface Product extends RunFile {
  readonly data: string
  readonly url: string
  readonly privateUrl: string
  readonly apiKey: string
  /** Milliseconds from launch to `run.json`. */
  readonly startMs: number
  /** Everything it wrote to standard output and error so far. */
  output(): string
  /** Resolves with exit code and signal. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** SIGTERM, and waits for the end. */
  stop(): Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>
  remove(): void
}

/** How a start that does not come up ended. */
export class StartFailed extends Error {
  readonly code: number | null
  readonly output: string
  constructor(code: number | null, output: string) {
    super(`the server ended with ${code ?? 'a signal'}:\n${output}`)
    this.name = 'StartFailed'
    this.code = code
    this.output = output
  }
}

export function newDataFolder(): string {
  return mkdtempSync(join(tmpdir(), 'keywitness-product-'))
}

/**
 * Starts the product and waits until it is ready.
 * @throws StartFailed when it ends first, or is not ready in time
 */
export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const data = options.data ?? newDataFolder()
  const began = performance.now()
  const child = spawn(process.execPath, [options.fault === undefined ? programs.product : programs.faulty], {
    cwd: data,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      // As `npm start` has it: what is compiled is kept, and hundreds of starts take half as long.
      NODE_COMPILE_CACHE: join(import.meta.dirname, '../../../node_modules/.cache/compiled'),
      KEYWITNESS_DATA: data,
      KEYWITNESS_HTTP: '127.0.0.1:0',
      KEYWITNESS_HTTP_PRIVATE: '127.0.0.1:0',
      KEYWITNESS_KMIP: '127.0.0.1:0',
      KEYWITNESS_EP11: '127.0.0.1:0',
      KEYWITNESS_EP11_PRIVATE: '127.0.0.1:0',
      ...(options.fault === undefined ? {} : { TESTKIT_FAULT: options.fault }),
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (piece: Buffer) => (output += piece.toString()))
  child.stderr.on('data', (piece: Buffer) => (output += piece.toString()))
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  const run = await ready(child, data, ended, options.readyMs ?? 60_000, () => output)
  const keyFile = join(data, 'api-key')
  return {
    ...run,
    data,
    url: `http://${run.http}`,
    privateUrl: `http://${run.httpPrivate}`,
    apiKey:
      options.env?.['KEYWITNESS_BOOTSTRAP_API_KEY'] ??
      (existsSync(keyFile) ? readFileSync(keyFile, 'utf8').trim() : ''),
    startMs: performance.now() - began,
    output: () => output,
    ended,
    stop: async () => {
      child.kill('SIGTERM')
      return await ended
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
    remove: () => rmSync(data, { recursive: true, force: true }),
  }
}

/** `run.json` appears when all listeners are ready; it must name this very process. */
async function ready(
  child: ChildProcess,
  data: string,
  ended: Promise<{ code: number | null }>,
  readyMs: number,
  output: () => string,
): Promise<RunFile> {
  const file = join(data, 'run.json')
  const deadline = performance.now() + readyMs
  let end: { code: number | null } | undefined
  void ended.then((how) => (end = how))
  while (performance.now() < deadline) {
    if (end !== undefined) throw new StartFailed(end.code, output())
    const run = readRun(file)
    if (run !== undefined && run.pid === child.pid) return run
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  child.kill('SIGKILL')
  throw new StartFailed(null, output())
}

function readRun(file: string): RunFile | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunFile
  } catch {
    return undefined
  }
}
