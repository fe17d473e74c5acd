/** The network policies: from which network and which addresses an instance takes requests (reference section 8.10). */
import { BlockList, isIP } from 'node:net'
import { Refusal } from '../errors.ts'
import type { InstancePolicyStore } from './instance-policy.ts'

/** Where a request comes from. */
export interface Peer {
  readonly isPrivate: boolean
  /** Address of the client, whichever network it came by. */
  readonly address: string
}

/** @throws Refusal `UNAUTHORIZED_ERR` */
export function requirePeer(policies: InstancePolicyStore, instance: string, peer: Peer): void {
  const network = policies.find(instance, 'allowedNetwork')
  if (network?.enabled === true && network.attributes.allowed_network === 'private-only' && !peer.isPrivate) {
    throw new Refusal('UNAUTHORIZED_ERR', { message: 'This instance takes requests from the private network only.' })
  }
  const addresses = policies.find(instance, 'allowedIP')
  if (addresses?.enabled === true && !holds(addresses.attributes.allowed_ip, peer.address)) {
    throw new Refusal('UNAUTHORIZED_ERR', { message: 'This instance takes no requests from this address.' })
  }
}

/** Whether an address is in one of the blocks; an IPv4 address mapped into IPv6 counts as what it is. */
function holds(blocks: readonly string[], address: string): boolean {
  const plain = address.replace(/%.*$/, '')
  const family = isIP(plain)
  if (family === 0) return false
  const list = new BlockList()
  for (const block of blocks) addBlock(list, block)
  return list.check(plain, family === 4 ? 'ipv4' : 'ipv6')
}

/** Adds a CIDR block (RFC 4632, RFC 4291 section 2.3). Answers whether it is one. */
export function addBlock(list: BlockList, block: string): boolean {
  const [, address, prefix] = /^([0-9A-Fa-f:.]{2,45})\/(\d{1,3})$/.exec(block) ?? []
  if (address === undefined || prefix === undefined) return false
  const family = isIP(address)
  if (family === 0 || Number(prefix) > (family === 4 ? 32 : 128)) return false
  list.addSubnet(address, Number(prefix), family === 4 ? 'ipv4' : 'ipv6')
  return true
}
