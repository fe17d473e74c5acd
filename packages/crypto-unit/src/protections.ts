/** What the process may not do, found out by trying: facts for whoever decides whether to trust it. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import inspector from 'node:inspector'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Protections } from './messages.ts'

const CONNECT_MS_MAX = 500

/** Tries each thing that must not work. */
export async function provenProtections(): Promise<Protections> {
  return {
    environmentClean: Object.keys(process.env).length === 0,
    filesDenied: isDenied(() => readFileSync(process.execPath)) && isDenied(() => readFileSync('/proc/self/environ')),
    writesDenied: isDenied(() => writeFileSync('/tmp/keywitness-crypto-unit-probe', '')),
    processesDenied: isDenied(() => spawnSync(process.execPath, ['--version'])) && isDenied(loadAddon),
    inspectorDenied: isDenied(() => inspector.open(0)) && process.execArgv.includes('--disable-sigusr1'),
    coreDumpsOff: isCoreLimitZero(),
    networkAbsent: Object.keys(networkInterfaces()).length === 0 && (await isNetworkUnreachable()),
  }
}

/** Only a refusal by the permission model counts: that a file is missing proves nothing. */
function isDenied(attempt: () => unknown): boolean {
  try {
    const result = attempt()
    return codeOf((result as { error?: unknown } | undefined)?.error) === 'ERR_ACCESS_DENIED'
  } catch (error) {
    const code = codeOf(error)
    return code === 'ERR_ACCESS_DENIED' || code === 'ERR_DLOPEN_DISABLED'
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | undefined)?.code
}

function loadAddon(): void {
  process.dlopen({ exports: {} }, '/nonexistent.node')
}

function isCoreLimitZero(): boolean {
  const report = process.report.getReport() as { userLimits?: { core_file_size_blocks?: { hard?: unknown } } }
  const hard = report.userLimits?.core_file_size_blocks?.hard
  return hard === 0 || hard === '0'
}

/** Port 9 of the loopback address: with a network the answer is a refusal, without one there is no way at all. */
function isNetworkUnreachable(): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect({ host: '127.0.0.1', port: 9, timeout: CONNECT_MS_MAX })
  const settle = (unreachable: boolean): void => {
    socket.destroy()
    resolve(unreachable)
  }
  socket.on('connect', () => settle(false))
  socket.on('timeout', () => settle(false))
  socket.on('error', (error) => settle(codeOf(error) === 'ENETUNREACH' || codeOf(error) === 'ERR_ACCESS_DENIED'))
  return promise
}
