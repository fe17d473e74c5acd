/** The network policies: from which network and which addresses an instance takes requests (reference section 8.10). */
import { BlockList, isIP } from 'node:net'
import { Refusal } from '../errors.ts'
import type { NetworkPolicies } from '../http/network.ts'
import type { Reader } from '../store/store.ts'
import type { InstancePolicyStore } from './instance-policy.ts'

/** Instances whose blocks are kept ready; beyond that the oldest is built again when it is needed. */
const listsMax = 256

/** Asked by every call about an instance: without a policy it costs one read of a row that is not there. */
export function networkPolicies(reader: Reader, policies: InstancePolicyStore): NetworkPolicies {
  const lists = new Map<string, { readonly revision: number; readonly list: BlockList }>()
  const revision = (instance: string, kind: 'allowedNetwork' | 'allowedIP'): number | undefined =>
    reader.get<{ revision: number }>(
      'SELECT revision FROM instance_policies WHERE instance = ? AND kind = ? AND enabled = 1',
      instance,
      kind,
    )?.revision

  /** Up to a thousand blocks: parsed once for each change of the policy. */
  function listOf(instance: string, current: number): BlockList {
    const known = lists.get(instance)
    if (known?.revision === current) return known.list
    const list = new BlockList()
    for (const block of policies.find(instance, 'allowedIP')?.attributes.allowed_ip ?? []) addBlock(list, block)
    lists.delete(instance)
    if (lists.size >= listsMax) for (const oldest of lists.keys()) if (lists.size >= listsMax) lists.delete(oldest)
    lists.set(instance, { revision: current, list })
    return list
  }

  return {
    requireNetwork(instance, peer) {
      if (peer.isPrivate || revision(instance, 'allowedNetwork') === undefined) return
      if (policies.find(instance, 'allowedNetwork')?.attributes.allowed_network !== 'private-only') return
      throw new Refusal('UNAUTHORIZED_ERR', { message: 'This instance takes requests from its private network only.' })
    },
    requireAddress(instance, peer) {
      const current = revision(instance, 'allowedIP')
      if (current === undefined || isIn(listOf(instance, current), peer.address)) return
      throw new Refusal('UNAUTHORIZED_ERR', { message: 'This instance takes no requests from this address.' })
    },
  }
}

/** An IPv4 address mapped into IPv6 counts as what it is; a zone says nothing about where a peer is. */
function isIn(list: BlockList, address: string): boolean {
  const plain = address.replace(/%.*$/, '')
  const family = isIP(plain)
  return family !== 0 && list.check(plain, family === 4 ? 'ipv4' : 'ipv6')
}

/** Adds a CIDR block (RFC 4632, RFC 4291 section 2.3). Answers whether the text is one. */
export function addBlock(list: BlockList, block: string): boolean {
  const [, address, prefix] = /^([0-9A-Fa-f:.]{2,45})\/(\d{1,3})$/.exec(block) ?? []
  if (address === undefined || prefix === undefined) return false
  const family = isIP(address)
  if (family === 0 || Number(prefix) > (family === 4 ? 32 : 128)) return false
  list.addSubnet(address, Number(prefix), family === 4 ? 'ipv4' : 'ipv6')
  return true
}
