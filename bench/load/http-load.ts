/** Runs the load generator against one route: the same request from many connections, every answer checked. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Workshop } from '../harness/workshop.ts'

export interface LoadRequest {
  readonly host: string
  readonly port: number
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Every answer must have this status and hold this text. */
  readonly status: number
  readonly text: string
}

export interface LoadTime {
  readonly connections: number
  readonly warmUp: number
  readonly seconds: number
}

export interface LoadReport {
  readonly answers: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Good answers, those of the warm-up and of the drain included. */
  readonly goodTotal: number
}

/** What a load generator prints. */
export interface PrintedLoad {
  readonly answers: number
  readonly seconds: number
  readonly errors: number
  readonly goodTotal: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly firstError: string
}

/** @throws Error when any answer was wrong: a failing server looks fast. */
export async function httpLoad(workshop: Workshop, request: LoadRequest, time: LoadTime): Promise<LoadReport> {
  const file = join(workshop.newFolder('load'), 'request')
  writeFileSync(file, bytesOf(request))
  const printed = await workshop.json<PrintedLoad>(workshop.compiled('load/http-load.c'), [
    request.host,
    String(request.port),
    String(time.connections),
    String(time.warmUp),
    String(time.seconds),
    file,
    String(request.status),
    request.text,
  ])
  const { answers, seconds, errors, goodTotal, p50Ms, p99Ms, firstError } = printed
  if (errors > 0) throw new Error(`${errors} wrong answers to ${request.method} ${request.path}: ${firstError}`)
  return { answers, perSecond: answers / seconds, p50Ms, p99Ms, goodTotal }
}

function bytesOf({ method, path, host, port, headers = {}, body = '' }: LoadRequest): string {
  const lines = [`${method} ${path} HTTP/1.1`, `host: ${host}:${port}`, 'user-agent: keywitness-bench']
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  if (body !== '') lines.push('content-type: application/json', `content-length: ${Buffer.byteLength(body)}`)
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}
