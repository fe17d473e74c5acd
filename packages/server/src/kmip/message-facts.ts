/** What every event of an item says of the message that it came in. */
import type { KmipCall } from './operations/item.ts'
import { operationName } from './operations/operations.ts'
import type { RequestMessage } from './message/request.ts'
import { toldText } from './message/told-text.ts'
import { enumerationName } from './ttlv/enumerations.ts'

/** A clock that is further off than this is told, seconds (reference section 18, 20). */
const skewTold = 60n

/** Of an identifier that clients choose, bytes that are told. */
const idBytesTold = 32

type Told = Readonly<Record<string, string | number>>

export function messageFacts(message: RequestMessage, call: KmipCall, index: number): Told {
  const { header, items, version } = message
  const item = items[index]
  const { clientCorrelationValue, credentials, timeStamp } = header
  const [credential] = credentials
  const skew = timeStamp === undefined ? 0n : timeStamp - BigInt(Math.floor(call.now / 1_000))
  const isSkewed = (skew > skewTold || skew < -skewTold) && skew === BigInt.asIntN(53, skew)
  return {
    adapterId: call.adapter.id,
    certificateId: call.certificate.id,
    protocolVersion: `${version.major}.${version.minor}`,
    batchIndex: index,
    batchCount: items.length,
    ...(item === undefined ? {} : { operation: operationName(item.operation) }),
    ...(item?.id === undefined || item.id.length === 0
      ? {}
      : { uniqueBatchItemId: Buffer.from(item.id.subarray(0, idBytesTold)).toString('hex') }),
    ...(clientCorrelationValue === undefined ? {} : { clientCorrelationValue: toldText(clientCorrelationValue) }),
    ...(isSkewed ? { clientClockSkewSeconds: Number(skew) } : {}),
    ...(credential === undefined
      ? {}
      : { credentialType: enumerationName('CredentialType', credential.type) ?? String(credential.type) }),
  }
}
