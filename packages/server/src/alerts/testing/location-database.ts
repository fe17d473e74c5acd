/** Makes databases of locations for tests, after the MaxMind DB file format specification 2.0. */

type Value = string | number | { readonly [name: string]: Value }

interface Node {
  /** The next node, a record's data, or nothing. */
  readonly sides: [Node | Value | undefined, Node | Value | undefined]
  readonly isNode: true
}

const isNode = (side: Node | Value | undefined): side is Node =>
  typeof side === 'object' && (side as { isNode?: unknown }).isNode === true

/** @param networks IPv4 address, length of its prefix, and what is said of it; none inside another */
export function locationDatabase(networks: readonly (readonly [address: string, bits: number, data: Value])[]): Buffer {
  const root: Node = { sides: [undefined, undefined], isNode: true }
  for (const [address, bits, data] of networks) insert(root, bitsOf(address).slice(0, bits), data)
  const nodes: Node[] = []
  const collect = (node: Node): void => {
    nodes.push(node)
    for (const side of node.sides) if (isNode(side)) collect(side)
  }
  collect(root)
  const data: Buffer[] = []
  let length = 0
  const recordOf = (side: Node | Value | undefined): number => {
    if (side === undefined) return nodes.length
    if (isNode(side)) return nodes.indexOf(side)
    const bytes = encode(side)
    data.push(bytes)
    length += bytes.length
    return nodes.length + 16 + length - bytes.length
  }
  const tree = Buffer.concat(nodes.flatMap(({ sides }) => sides.map((side) => uint24(recordOf(side)))))
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1,
    database_type: 'Test',
    ip_version: 4,
    node_count: nodes.length,
    record_size: 24,
  })
  const mark = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')
  return Buffer.concat([tree, Buffer.alloc(16), ...data, mark, metadata])
}

function insert(root: Node, bits: readonly number[], data: Value): void {
  let node = root
  for (const [place, bit] of bits.entries()) {
    if (place === bits.length - 1) {
      node.sides[bit as 0 | 1] = data
      return
    }
    const next = node.sides[bit as 0 | 1]
    const made: Node = isNode(next) ? next : { sides: [undefined, undefined], isNode: true }
    node.sides[bit as 0 | 1] = made
    node = made
  }
}

function bitsOf(address: string): number[] {
  return address.split('.').flatMap((byte) => Number(byte).toString(2).padStart(8, '0').split('').map(Number))
}

function uint24(value: number): Buffer {
  return Buffer.from([value >> 16, (value >> 8) & 0xff, value & 0xff])
}

/** Types 2, 3, 6 and 7: text, double, unsigned integer, map; none longer than 28. */
function encode(value: Value): Buffer {
  if (typeof value === 'string') return Buffer.concat([Buffer.from([(2 << 5) | value.length]), Buffer.from(value)])
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(Number.isInteger(value) ? 4 : 8)
    if (Number.isInteger(value)) bytes.writeUInt32BE(value)
    else bytes.writeDoubleBE(value)
    return Buffer.concat([Buffer.from([((bytes.length === 4 ? 6 : 3) << 5) | bytes.length]), bytes])
  }
  const members = Object.entries(value)
  return Buffer.concat([
    Buffer.from([(7 << 5) | members.length]),
    ...members.flatMap(([name, member]) => [encode(name), encode(member)]),
  ])
}
