/** Which addresses the server may connect to by itself: public ones, private ones the operator named, never metadata. */
import { BlockList, isIP, isIPv4 } from 'node:net'

/** Decides about one address, as a resolver or a URL gives it. */
export interface AddressRule {
  /** `public`: anybody's. `listed`: private, on the operator's list. `refused`: nothing is ever sent there. */
  judge(address: string): 'public' | 'listed' | 'refused'
}

/** Not globally reachable (IANA special-purpose address registries; RFC 6890), with what embeds such addresses. */
const specialRanges = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Of IPv6 only 2000::/3 is given out; of that, Teredo and the like, documentation, and 6to4 are not.
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
] as const

/** Where clouds hand their machines credentials: not even the operator's list opens these. */
const metadataAddresses = [
  '169.254.169.254/32',
  '169.254.170.2/32',
  '169.254.170.23/32',
  '169.254.169.253/32',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  'fd00:ec2::254/128',
  'fd00:ec2::23/128',
  'fd20:ce::254/128',
] as const

const special = listOf(specialRanges)
const metadata = listOf(metadataAddresses)
const unicast6 = listOf(['2000::/3'])

/** @param privateRanges addresses and CIDR ranges, as the configuration has checked them */
export function addressRule(privateRanges: readonly string[]): AddressRule {
  const listed = listOf(privateRanges)
  return {
    judge: (address) => {
      const plain = plainAddress(address)
      if (plain === undefined) return 'refused'
      if (holds(metadata, plain)) return 'refused'
      if (holds(listed, plain)) return 'listed'
      if (holds(special, plain)) return 'refused'
      return isIPv4(plain) || holds(unicast6, plain) ? 'public' : 'refused'
    },
  }
}

/**
 * An address without what hides it: IPv4 inside IPv6 (mapped, RFC 4291 2.5.5.2) is IPv4. Undefined for what is no
 * address, and for one that names an interface.
 */
function plainAddress(address: string): string | undefined {
  const version = isIP(address)
  if (version === 4) return address
  if (version === 0 || address.includes('%')) return undefined
  const groups = groupsOf(address)
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (!isMapped) return address
  const [high = 0, low = 0] = groups.slice(6)
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
}

/** The eight groups of an IPv6 address, as WHATWG's URL writes them out of any spelling. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::')
  const numbers = (text: string): number[] => (text === '' ? [] : text.split(':').map((group) => parseInt(group, 16)))
  const first = numbers(head)
  if (tail === undefined) return first
  const last = numbers(tail)
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last]
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    list.addSubnet(address, bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits), family)
  }
  return list
}

function holds(list: BlockList, address: string): boolean {
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}
