/** A log of real events with a real key, whose stored bytes and hashes a test can tamper with. */
import { generateKeyPairSync, hash as oneShot, sign } from 'node:crypto'
import { type ActivityEvent, buildEvent, entryBytes, initiatorTypes, uuidv7 } from '@keywitness/cadf'
import {
  CompactRange,
  ED25519,
  type NoteSigner,
  consistencyProof,
  encodeBundle,
  formatCheckpoint,
  formatProof,
  formatVerifierKey,
  inclusionProof,
  keyId,
  leafHash,
  platformHash,
  signNote,
  toBase64,
  vouchForKey,
} from '@keywitness/tlog'

const hash = platformHash(oneShot)
const account = `a/${'0123456789abcdef'.repeat(2)}`
const instance = '1f6f5a0c-5d6e-4a55-9a0b-0f3c1d2e4b5a'
const producer = { id: '2b1c9a54-7a5f-4d0e-8a39-0c6d5a9f1e22', epoch: 1 }

/** Events are a second apart, from here on. */
const began = Date.UTC(2026, 10, 25, 19, 0, 0)

/** Event number `i`: Ana makes a key; every seventh time she is refused. */
export function eventNumber(i: number, name = `key-${i}`): ActivityEvent {
  const isRefused = i % 7 === 6
  const crn = `crn:v1:keywitness:public:hs-crypto:us-south:${account}:${instance}`
  const random = new Uint8Array(10).fill(i % 256)
  return buildEvent(
    {
      action: 'hs-crypto.secrets.create',
      outcome: isRefused ? 'failure' : 'success',
      reason: isRefused ? { code: 403, forFailure: 'The role Writer is missing.' } : { code: 201 },
      initiator: {
        id: 'IBMid-50TR4N',
        name: 'Ana',
        typeURI: initiatorTypes.user,
        credential: { type: 'token' },
        host: { address: '203.0.113.7', agent: 'curl/8.5.0' },
      },
      target: { id: `${crn}:key:fadedbee-0000-4000-8000-${String(i).padStart(12, '0')}`, name },
      correlationId: `b7a2e1d0-0000-4000-8000-${String(i).padStart(12, '0')}`,
      logSourceCRN: `${crn}::`,
      requestURI: '/api/v2/keys',
      instanceID: instance,
    },
    { id: uuidv7(began + 1000 * i, random), time: began + 1000 * i, serviceName: 'Keywitness' },
  )
}

/** A signing key under a name. */
export function newKey(name: string): { readonly signer: NoteSigner; readonly vkey: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'))
  const signer = {
    name,
    keyId: keyId(name, ED25519, raw),
    sign: (message: Uint8Array) => sign(null, message, privateKey),
  }
  return { signer, vkey: formatVerifierKey(name, raw) }
}

function idOf(vkey: string): string {
  return vkey.split('+')[1] ?? ''
}

export class WitnessedLog {
  readonly origin: string
  key: ReturnType<typeof newKey>
  /** What is stored and served. */
  entries: Uint8Array[] = []
  readonly events: ActivityEvent[] = []
  /** What the server says of pruning, and what it refuses. */
  minimum: string | undefined
  prunedBelow = 0
  #nodes: Uint8Array[][] = []
  #tree: CompactRange
  /** The published head. */
  covered = 0
  note = ''
  /** Every head that was published, by size. */
  readonly formerKeys: { readonly vkey: string; readonly until: number }[] = []
  /** Proofs of the events that announced keys, by key id. */
  readonly announcements = new Map<string, string>()
  readonly kept = new Map<number, { readonly root: string; readonly note: string }>()

  constructor(size: number, origin = 'keywitness.test/us-south', key = newKey(origin)) {
    this.origin = origin
    this.key = key
    this.#tree = this.#newTree()
    this.grow(size)
    this.publish()
  }

  get size(): number {
    return this.#tree.size
  }

  /** Events happen; no checkpoint covers them yet. */
  grow(count: number): void {
    for (let i = 0; i < count; i++) this.record(eventNumber(this.size))
  }

  record(event: ActivityEvent): void {
    const bytes = entryBytes(event, producer, this.size)
    this.events.push(event)
    this.entries.push(bytes)
    this.#tree.append(leafHash(bytes, hash))
  }

  publish(signers: readonly NoteSigner[] = [this.key.signer]): void {
    this.covered = this.size
    const checkpoint = { origin: this.origin, size: this.size, root: this.#tree.root(), extensions: [] }
    this.note = signNote(formatCheckpoint(checkpoint), signers)
    this.kept.set(this.size, { root: toBase64(checkpoint.root), note: this.note })
  }

  /** The key is changed: announced by an event, vouched for by `voucher`, and from the next head on it signs alone. */
  changeKey(voucher = this.key.signer, signers?: readonly NoteSigner[]): void {
    const next = newKey(this.origin)
    const crn = `crn:v1:keywitness:public:activity-tracker:us-south:${account}:t::`
    const index = this.size
    this.record(
      buildEvent<'activity-tracker.log-key.rotate'>(
        {
          action: 'activity-tracker.log-key.rotate',
          outcome: 'success',
          reason: { code: 202 },
          initiator: { id: 'IBMid-50TR4N', name: 'Ana', typeURI: initiatorTypes.user, credential: { type: 'token' } },
          target: { id: crn, name: 'us-south' },
          logSourceCRN: crn,
          request: { overlapSeconds: 0 },
          response: { newKey: next.vkey, previousKey: this.key.vkey, voucher: vouchForKey(next.vkey, voucher) },
        },
        { id: uuidv7(began, new Uint8Array(10).fill(9)), time: began, serviceName: 'Keywitness' },
      ),
    )
    this.publish(signers ?? [this.key.signer, next.signer])
    this.announcements.set(idOf(next.vkey), this.receipt(index) ?? '')
    this.formerKeys.push({ vkey: this.key.vkey, until: this.size })
    this.key = next
  }

  /** As the API lists them. */
  listedKeys(): object[] {
    const time = '2026-11-25T20:00:00.000Z'
    const common = { from: { size: 0, time }, overlapUntil: null }
    const announced = (vkey: string) => (this.announcements.has(idOf(vkey)) ? 0 : null)
    return [
      ...this.formerKeys.map(({ vkey, until }) => ({
        key: vkey,
        id: idOf(vkey),
        state: 'retired',
        until: { size: until, time },
        announced: announced(vkey),
        ...common,
      })),
      {
        key: this.key.vkey,
        id: idOf(this.key.vkey),
        state: 'current',
        until: null,
        announced: announced(this.key.vkey),
        ...common,
      },
    ]
  }

  /** Makes the log another one, with true hashes: what an owner of store and key can do. */
  rewrite(change: (entries: readonly Uint8Array[]) => Uint8Array[]): void {
    this.entries = change(this.entries)
    this.#nodes = []
    this.#tree = this.#newTree()
    for (const entry of this.entries) this.#tree.append(leafHash(entry, hash))
    this.publish()
  }

  bundle(n: number, width: number): Uint8Array | undefined {
    const entries = this.entries.slice(256 * n, 256 * n + width)
    return entries.length === 0 ? undefined : encodeBundle(entries)
  }

  tile(level: number, n: number, width: number): Uint8Array | undefined {
    const hashes = (this.#nodes[8 * level] ?? []).slice(256 * n, 256 * n + width)
    return hashes.length === width ? new Uint8Array(Buffer.concat(hashes)) : undefined
  }

  receipt(index: number): string | undefined {
    if (index >= this.covered) return undefined
    const hashes = inclusionProof(index, this.covered, (level, i) => this.#nodes[level]![i]!, hash)
    return formatProof({ index, hashes, checkpoint: this.note, extra: this.entries[index]! })
  }

  consistency(from: number, to: number): Uint8Array[] | undefined {
    if (from > to || to > this.size) return undefined
    return consistencyProof(from, to, (level, i) => this.#nodes[level]![i]!, hash)
  }

  #newTree(): CompactRange {
    return new CompactRange({
      hash,
      visit: (level, index, node) => {
        this.#nodes[level] ??= []
        this.#nodes[level][index] = node
      },
    })
  }
}
