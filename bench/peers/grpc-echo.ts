/**
 * The ceiling of gRPC on this runtime: bare @grpc/grpc-js over TLS, which answers each call with the bytes it was given for
 * its path, and reads none of the message.
 *
 * usage: grpc-echo <JSON of an EchoOrder>; prints its port.
 */
import { readFileSync } from 'node:fs'
import { Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js'

export interface EchoOrder {
  /** PEM files. */
  readonly certificate: string
  readonly key: string
  /** By path, base64. */
  readonly answers: Readonly<Record<string, string>>
}

const { certificate, key, answers } = JSON.parse(process.argv[2] ?? '{}') as EchoOrder
const server = new Server({ 'grpc.enable_channelz': 0 })
const asItIs = (bytes: Buffer): Buffer => bytes
for (const [path, text] of Object.entries(answers)) {
  const method = {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: asItIs,
    requestDeserialize: asItIs,
    responseSerialize: asItIs,
    responseDeserialize: asItIs,
  }
  const service: ServiceDefinition = { call: method }
  const answer = Buffer.from(text, 'base64')
  server.addService(service, {
    call: (_call: unknown, callback: (error: null, answer: Buffer) => void) => callback(null, answer),
  })
}
const pair = { cert_chain: readFileSync(certificate), private_key: readFileSync(key) }
server.bindAsync('127.0.0.1:0', ServerCredentials.createSsl(null, [pair]), (error, port) => {
  if (error !== null) throw error
  console.log(port)
})
