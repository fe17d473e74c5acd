/** Data in pieces: for tests of operations that go on in parts. */
import * as fc from 'fast-check'

/** Up to `bytesMax` bytes in pieces, some of them empty, with a liking for the ends of blocks. */
export function cutData(bytesMax: number): fc.Arbitrary<Uint8Array[]> {
  const most = Math.ceil(bytesMax / 4)
  const length = fc.oneof(
    fc.nat(most),
    fc.constantFrom(0, 1, 7, 8, 9, 15, 16, 17, 63, 64, 65).filter((n) => n <= most),
  )
  return fc.array(
    length.chain((count) => fc.uint8Array({ minLength: count, maxLength: count })),
    { maxLength: 6 },
  )
}
