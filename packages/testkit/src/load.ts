/** Concurrent load through the official SDK, with a ledger of every answer: what a client may rely on afterwards. */
import { randomBytes, randomUUID } from 'node:crypto'
import { IamAuthenticator } from '@ibm-cloud/ibm-key-protect/auth/index.js'
import KeyProtect from '@ibm-cloud/ibm-key-protect/ibm-key-protect-api/v2.js'
import type { Product } from './product.ts'

/** One call and how it ended. Without `status` the connection closed or nothing came: it may or may not have happened. */
export interface LedgerLine {
  readonly action: string
  readonly correlationId: string
  /** Key created or used, where it is known. */
  readonly key?: string
  readonly startedMs: number
  readonly tookMs: number
  readonly status?: number
  readonly eventId?: string
}

export interface Load {
  readonly ledger: readonly LedgerLine[]
  /** Lets calls under way finish, starts no new ones. */
  stop(): Promise<void>
}

interface SdkAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly result: unknown
}

interface SdkFailure {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** Starts `workers` loops that create keys, wrap, unwrap and delete until stopped. */
export function startLoad(product: Pick<Product, 'url' | 'apiKey' | 'instance'>, workers: number): Load {
  const { url, apiKey, instance: bluemixInstance } = product
  const sdk = new KeyProtect({ authenticator: new IamAuthenticator({ apikey: apiKey, url }), serviceUrl: url })
  const ledger: LedgerLine[] = []
  const stopping = new AbortController()

  const call = async (
    action: string,
    key: string | undefined,
    send: (correlationId: string) => Promise<unknown>,
  ): Promise<unknown> => {
    const correlationId = randomUUID()
    const startedMs = performance.now()
    const line = (status: number | undefined, headers: Readonly<Record<string, string>> | undefined): void => {
      const eventId = headers?.['keywitness-event-id']
      ledger.push({
        action,
        correlationId,
        startedMs,
        tookMs: performance.now() - startedMs,
        ...(key === undefined ? {} : { key }),
        ...(status === undefined ? {} : { status }),
        ...(eventId === undefined ? {} : { eventId }),
      })
    }
    try {
      const answer = (await send(correlationId)) as SdkAnswer
      line(answer.status, answer.headers)
      return answer.result
    } catch (error) {
      const failure = error as SdkFailure
      line(typeof failure.status === 'number' ? failure.status : undefined, failure.headers)
      return undefined
    }
  }

  const work = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const created = (await call('hs-crypto.secrets.create', undefined, (correlationId) =>
        sdk.createKey({ bluemixInstance, correlationId, body: newKeyBody() as never }),
      )) as { resources: { id: string }[] } | undefined
      const id = created?.resources[0]?.id
      if (id === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        continue
      }
      for (let round = 0; round < 3 && !stopping.signal.aborted; round++) {
        const plaintext = randomBytes(32).toString('base64')
        const wrapped = (await call('hs-crypto.secrets.wrap', id, (correlationId) =>
          sdk.wrapKey({ bluemixInstance, id, correlationId, keyActionWrapBody: { plaintext } as never }),
        )) as { ciphertext: string } | undefined
        if (wrapped === undefined) continue
        await call('hs-crypto.secrets.unwrap', id, (correlationId) =>
          sdk.unwrapKey({
            bluemixInstance,
            id,
            correlationId,
            keyActionUnwrapBody: { ciphertext: wrapped.ciphertext } as never,
          }),
        )
      }
      await call('hs-crypto.secrets.delete', id, (correlationId) =>
        sdk.deleteKey({ bluemixInstance, id, correlationId }),
      )
    }
  }
  const done = Promise.all(Array.from({ length: workers }, work))
  return {
    ledger,
    stop: async () => {
      stopping.abort()
      await done
    },
  }
}

function newKeyBody(): object {
  const collectionType = 'application/vnd.ibm.kms.key+json'
  return {
    metadata: { collectionType, collectionTotal: 1 },
    resources: [{ type: collectionType, name: `load ${randomUUID().slice(0, 8)}`, extractable: false }],
  }
}
