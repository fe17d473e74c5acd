/** A KMIP listener under ten thousand idle, slow and hostile connections, and altered messages by the hundred thousand. */
import { readFileSync } from 'node:fs'
import { aesKey, uid, uidOf } from '@keywitness/server/kmip/testing/messages'
import { Client } from './client.ts'
import { kindsOf, openAbuser, openFilesMax } from './kmip-abuse.ts'
import { newKmipSite } from './kmip-adapter.ts'
import { connectKmip, kmipPlace } from './kmip-client.ts'
import { fuzzKmip } from './kmip-fuzz.ts'
import { newIdentity } from './new-certificate.ts'
import { startProduct } from './product.ts'
import { metricOf, residentMb } from './watch.ts'

export interface KmipSoakReport {
  readonly connections: number
  readonly messages: number
  /** Answers of honest clients meanwhile. */
  readonly served: number
  /** What is wrong, in words; nothing when all is well. */
  readonly wrong: readonly string[]
}

/** Opened in one go, and messages of one seed. */
const atOnce = 200
const messagesAtOnce = 1_000
/** Megabytes that the connections may take of the server. */
const memoryMax = 1_500

/** @param said is told of each step */
export async function kmipSoak(
  { connections, messages, seed }: { readonly connections: number; readonly messages: number; readonly seed: number },
  said: (line: string) => void,
): Promise<KmipSoakReport> {
  if (openFilesMax() < connections + 500) throw new Error(`ulimit -n must be at least ${connections + 500}`)
  const product = await startProduct({
    env: { KEYWITNESS_KMIP_CONNECTIONS: '100000', KEYWITNESS_KMIP_CONNECTIONS_PER_ADDRESS: '100000' },
  })
  const wrong: string[] = []
  let served = 0
  try {
    const client = await new Client(product).signIn()
    const place = kmipPlace(product)
    const { identity } = await newKmipSite(client, 'honest')
    const before = residentMb(product.pid)
    const honest = await connectKmip(place, identity)
    const id = uidOf(await honest.ask('Create', aesKey()))
    const strangers = Array.from({ length: Math.ceil(connections / 100) }, (_, at) => newIdentity(`stranger ${at}`))
    const crowd: ReturnType<typeof openAbuser>[] = []
    const kinds = kindsOf(connections)
    for (let from = 0; from < kinds.length; from += atOnce) {
      const some = kinds.slice(from, from + atOnce).map((kind, at) => {
        const number = from + at
        // Bounds are counted by address.
        const address = `127.0.${1 + (number % 200)}.1`
        return openAbuser(kind, place, strangers[number % strangers.length] ?? identity, address)
      })
      crowd.push(...some)
      await Promise.all(some.map(({ ready }) => ready))
      for (const abuser of crowd) abuser.drip()
      await honest.ask('Get', [uid(id)])
      served += 1
      const open = await metricOf(product, 'kmip_connections')
      said(`${crowd.length} connections made, ${open} open, ${Math.round(residentMb(product.pid) - before)} MB`)
    }
    const grown = residentMb(product.pid) - before
    if (grown > memoryMax) wrong.push(`the server has grown by ${Math.round(grown)} MB`)
    for (const abuser of crowd) abuser.end()
    await Promise.all(crowd.map(({ closed }) => closed))
    for (let from = 0; from < messages; from += messagesAtOnce) {
      const count = Math.min(messagesAtOnce, messages - from)
      const report = await fuzzKmip(place, identity, { seed: seed + from, count })
      wrong.push(...report.wrong.map((what) => `seed ${seed + from}: ${what}`))
      said(
        `${from + count}/${messages} messages, seed ${seed + from}: ${report.answered} answered, ${report.closed} closed`,
      )
    }
    await honest.ask('Get', [uid(id)])
    served += 1
    await honest.close()
    wrong.push(...errorsIn(product.data))
  } finally {
    await product.stop()
    product.remove()
  }
  return { connections, messages, served, wrong }
}

function errorsIn(data: string): string[] {
  const lines = readFileSync(`${data}/server.log`, 'utf8').split('\n')
  return lines.filter((line) => line !== '' && (JSON.parse(line) as { level: number }).level >= 50)
}
