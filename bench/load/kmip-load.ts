/** Runs the KMIP load generator: the same request from many connections over mutual TLS, every answer checked. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Workshop } from '../harness/workshop.ts'
import type { LoadReport, LoadTime, PrintedLoad } from './http-load.ts'

export interface KmipRequest {
  /** `host:port`, IPv4. */
  readonly address: string
  /** PEM files of the client. */
  readonly certificate: string
  readonly key: string
  readonly message: Uint8Array
  /** Bytes that every answer must hold, besides a result status of success. */
  readonly holds: Uint8Array
}

/** @throws Error when any answer was wrong: a failing server looks fast. */
export async function kmipLoad(workshop: Workshop, request: KmipRequest, time: LoadTime): Promise<LoadReport> {
  const [host = '', port = ''] = request.address.split(':')
  const file = join(workshop.newFolder('load'), 'request')
  writeFileSync(file, request.message)
  const printed = await workshop.json<PrintedLoad>(workshop.compiled('load/kmip-load.c', ['-lssl', '-lcrypto']), [
    host,
    port,
    String(time.connections),
    String(time.warmUp),
    String(time.seconds),
    file,
    request.certificate,
    request.key,
    Buffer.from(request.holds).toString('hex'),
  ])
  const { answers, seconds, errors, goodTotal, p50Ms, p99Ms, firstError } = printed
  if (errors > 0) throw new Error(`${errors} wrong answers of KMIP: ${firstError}`)
  return { answers, perSecond: answers / seconds, p50Ms, p99Ms, goodTotal }
}
