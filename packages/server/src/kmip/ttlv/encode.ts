/** Writes TTLV in its one canonical form: exact lengths, padding of zeros (KMIP 1.4, section 9.1). */
import { HEADER_BYTES, paddedLength } from './decode.ts'
import { type Item, itemTypes } from './item.ts'

/** @throws RangeError when a number does not fit its type, or a big integer has no whole number of eight bytes */
export function encode(item: Item): Buffer {
  const target = Buffer.alloc(encodedLength(item))
  write(item, target, 0)
  return target
}

/** The bytes that `encode` makes of an item. */
export function encodedLength(item: Item): number {
  return HEADER_BYTES + paddedLength(valueLength(item))
}

function valueLength(item: Item): number {
  switch (item.type) {
    case 'Structure':
      return item.value.reduce((sum, child) => sum + encodedLength(child), 0)
    case 'Integer':
    case 'Enumeration':
    case 'Interval':
      return 4
    case 'LongInteger':
    case 'Boolean':
    case 'DateTime':
      return 8
    case 'BigInteger':
    case 'ByteString':
      return item.value.length
    case 'TextString':
      return Buffer.byteLength(item.value)
  }
}

/** Writes an item at an offset and returns the offset after it. A length is written once its value is. */
function write(item: Item, target: Buffer, offset: number): number {
  const from = offset + HEADER_BYTES
  const end = writeValue(item, target, from)
  target.writeUIntBE(item.tag, offset, 3)
  target.writeUInt8(itemTypes[item.type], offset + 3)
  target.writeUInt32BE(end - from, offset + 4)
  return from + paddedLength(end - from)
}

function writeValue(item: Item, target: Buffer, offset: number): number {
  switch (item.type) {
    case 'Structure':
      return item.value.reduce((at, child) => write(child, target, at), offset)
    case 'Integer':
      return target.writeInt32BE(item.value, offset)
    case 'LongInteger':
    case 'DateTime':
      return target.writeBigInt64BE(item.value, offset)
    case 'BigInteger':
      if (item.value.length === 0 || item.value.length % 8 !== 0) throw new RangeError('big integer of odd length')
      target.set(item.value, offset)
      return offset + item.value.length
    case 'Enumeration':
    case 'Interval':
      return target.writeUInt32BE(item.value, offset)
    case 'Boolean':
      return target.writeBigUInt64BE(item.value ? 1n : 0n, offset)
    case 'TextString':
      return offset + target.write(item.value, offset)
    case 'ByteString':
      target.set(item.value, offset)
      return offset + item.value.length
  }
}
