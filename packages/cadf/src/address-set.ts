/**
 * Sets of IP addresses, as lists of CIDR blocks say them (RFC 4632; RFC 4291, section 2.3), compared as sets.
 *
 * There is one space of 128 bits: an IPv4 address lies where IPv6 maps it to, so that `::/0` holds all of both, as where
 * the policies are enforced.
 */

/** A stretch of addresses, both ends included. */
interface Range {
  readonly from: bigint
  readonly to: bigint
}

/** Ranges in order, no two of which touch. */
export type AddressSet = readonly Range[]

/** Blocks that are looked at; a policy has at most 1,000. */
const blocksMax = 10_000

/** The addresses of a list of blocks; a block without a length is one address. Undefined when one of them is no block. */
export function addressSet(blocks: readonly unknown[]): AddressSet | undefined {
  if (blocks.length > blocksMax) return undefined
  const ranges: Range[] = []
  for (const block of blocks) {
    const range = typeof block === 'string' ? rangeOf(block) : undefined
    if (range === undefined) return undefined
    ranges.push(range)
  }
  return joined(ranges)
}

/** Whether every address of `inner` is in `outer`. */
export function covers(outer: AddressSet, inner: AddressSet): boolean {
  let at = 0
  return inner.every(({ from, to }) => {
    while (at < outer.length && outer[at]!.to < from) at++
    const range = outer[at]
    return range !== undefined && range.from <= from && to <= range.to
  })
}

function joined(ranges: readonly Range[]): AddressSet {
  const set: { from: bigint; to: bigint }[] = []
  for (const { from, to } of ranges.toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))) {
    const last = set.at(-1)
    if (last === undefined || from > last.to + 1n) set.push({ from, to })
    else if (to > last.to) last.to = to
  }
  return set
}

function rangeOf(block: string): Range | undefined {
  const [, text = '', length] = /^([0-9A-Fa-f:.]{2,45})(?:\/(\d{1,3}))?$/.exec(block) ?? []
  const v4 = ipv4(text)
  const address = v4 === undefined ? ipv6(text) : mapped | v4
  const bits = v4 === undefined ? 128 : 32
  const prefix = length === undefined ? bits : Number(length)
  if (address === undefined || prefix > bits) return undefined
  const host = (1n << BigInt(bits - prefix)) - 1n
  const from = address & ~host
  return { from, to: from | host }
}

/** `::ffff:0:0`: where IPv4 addresses lie (RFC 4291, section 2.5.5.2). */
const mapped = 0xffffn << 32n

function ipv4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) {
    return undefined
  }
  return parts.reduce((address, part) => (address << 8n) | BigInt(part), 0n)
}

function ipv6(text: string): bigint | undefined {
  const [left = '', right, more] = text.split('::')
  if (more !== undefined) return undefined
  const head = groupsOf(left, right === undefined)
  const tail = right === undefined ? [] : groupsOf(right, true)
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (right === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...head, ...Array.from({ length: missing }, () => 0n), ...tail]
  return groups.reduce((address, group) => (address << 16n) | group, 0n)
}

/** Groups of 16 bits; the last two may be written as an IPv4 address. */
function groupsOf(text: string, mayEndInIpv4: boolean): bigint[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const last = parts.at(-1) ?? ''
  const end = mayEndInIpv4 && last.includes('.') ? ipv4(last) : undefined
  if (end !== undefined) parts.pop()
  if (!parts.every((part) => /^[0-9A-Fa-f]{1,4}$/.test(part))) return undefined
  const groups = parts.map((part) => BigInt(`0x${part}`))
  return end === undefined ? groups : [...groups, end >> 16n, end & 0xffffn]
}
