/** Data of any length: in one call where it fits, else begun, continued part by part, and ended. */

/** All at once, or piece by piece as it comes: a stream of a file, an upload. */
export type Data = Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** The calls that one operation is made of. A state is opaque and may be continued more than once. */
export interface Operation {
  /** All data in one call. */
  readonly single: (data: Uint8Array) => Promise<Uint8Array>
  readonly begin: () => Promise<Uint8Array>
  readonly update: (
    state: Uint8Array,
    part: Uint8Array,
  ) => Promise<{ readonly state: Uint8Array; readonly output?: Uint8Array }>
  readonly end: (state: Uint8Array) => Promise<Uint8Array>
}

/** Parts of exactly this size, the last one smaller; none for no data. Pieces are copied where they do not fit. */
async function* inParts(data: Data, partBytes: number): AsyncGenerator<Uint8Array> {
  if (data instanceof Uint8Array) {
    for (let at = 0; at < data.length; at += partBytes) yield data.subarray(at, at + partBytes)
    return
  }
  let open: Buffer | undefined
  let filled = 0
  for await (const piece of data) {
    if (!(piece instanceof Uint8Array)) throw new TypeError('Data is bytes: a piece of it is something else.')
    for (let at = 0; at < piece.length;) {
      open ??= Buffer.allocUnsafeSlow(partBytes)
      const taken = piece.subarray(at, at + partBytes - filled)
      open.set(taken, filled)
      filled += taken.length
      at += taken.length
      if (filled === partBytes) {
        yield open
        ;[open, filled] = [undefined, 0]
      }
    }
  }
  if (open !== undefined) yield open.subarray(0, filled)
}

/**
 * What comes out, piece by piece; no piece is empty.
 * @throws RangeError when there is more than one part and `onlyOne` says that there must not be
 */
export async function* carriedOut(
  operation: Operation,
  data: Data,
  partBytes: number,
  onlyOne?: string,
): AsyncGenerator<Buffer> {
  const parts = inParts(data, partBytes)
  try {
    const first = await parts.next()
    if (first.done === true) {
      yield* someOf(await operation.single(new Uint8Array()))
      return
    }
    let [part, next] = [first.value, await parts.next()]
    if (next.done === true) {
      yield* someOf(await operation.single(part))
      return
    }
    if (onlyOne !== undefined)
      throw new RangeError(`${onlyOne} takes its data in one part, at most ${partBytes} bytes.`)
    let state = await operation.begin()
    for (;;) {
      const done = await operation.update(state, part)
      state = done.state
      if (done.output !== undefined) yield* someOf(done.output)
      if (next.done === true) break
      ;[part, next] = [next.value, await parts.next()]
    }
    yield* someOf(await operation.end(state))
  } finally {
    await parts.return(undefined)
  }
}

/** All that comes out. */
export async function whole(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const piece of pieces) all.push(piece)
  return all.length === 1 ? (all[0] as Buffer) : Buffer.concat(all)
}

function someOf(bytes: Uint8Array): Buffer[] {
  return bytes.length === 0 ? [] : [Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)]
}
