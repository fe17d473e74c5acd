/** Keys as clients send and get them: as a KeyBlob, or as bytes by older ones (reference grep11, section 1). */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { KeyBlob, KeyBlobSchema } from '../schema/grep11_pb.ts'

/** A view of the same bytes. */
export function bytesOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The first blob of the KeyBlob, and without one the bytes of older clients; empty for neither. */
export function keyOf(blob: KeyBlob | undefined, older: Uint8Array): Buffer {
  return bytesOf(blob?.keyBlobs[0] ?? older)
}

/** Nothing but the blob: what else a KeyBlob can carry is a keystore's. */
export function keyBlobOf(blob: Buffer): MessageInitShape<typeof KeyBlobSchema> {
  return { keyBlobs: [blob] }
}
