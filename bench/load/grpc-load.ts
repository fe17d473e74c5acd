/** Runs the gRPC load generator: the same unary call on many streams of a few connections over TLS, every answer checked. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Workshop } from '../harness/workshop.ts'
import type { LoadReport, PrintedLoad } from './http-load.ts'

export interface GrpcRequest {
  /** `host:port`, IPv4. */
  readonly address: string
  /** `/grep11.Crypto/EncryptSingle` */
  readonly path: string
  /** Of the header; empty: none is sent. */
  readonly token: string
  readonly message: Uint8Array
  /** Every answer has as many bytes as this one, and the same first ones. */
  readonly answer: Uint8Array
  readonly sameBytes: number
}

export interface GrpcTime {
  readonly connections: number
  /** Calls under way on each. */
  readonly streams: number
  readonly warmUp: number
  readonly seconds: number
}

/** @throws Error when any answer was wrong: a failing server looks fast. */
export async function grpcLoad(workshop: Workshop, request: GrpcRequest, time: GrpcTime): Promise<LoadReport> {
  const [host = '', port = ''] = request.address.split(':')
  const file = join(workshop.newFolder('load'), 'request')
  writeFileSync(file, request.message)
  const program = workshop.compiled('load/grpc-load.c', ['-lnghttp2', '-lssl', '-lcrypto'])
  const printed = await workshop.json<PrintedLoad>(program, [
    host,
    port,
    String(time.connections),
    String(time.streams),
    String(time.warmUp),
    String(time.seconds),
    file,
    request.path,
    request.token,
    String(request.answer.length),
    Buffer.from(request.answer.subarray(0, request.sameBytes)).toString('hex'),
  ])
  const { answers, seconds, errors, goodTotal, p50Ms, p99Ms, firstError } = printed
  if (errors > 0) throw new Error(`${errors} wrong answers to ${request.path}: ${firstError}`)
  return { answers, perSecond: answers / seconds, p50Ms, p99Ms, goodTotal }
}
