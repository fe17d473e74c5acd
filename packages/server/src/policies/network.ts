/** The network policies: from which network and which addresses an instance takes requests (reference section 8.10). */
import { BlockList, isIP } from 'node:net'
import { Refusal } from '../errors.ts'
import type { NetworkPolicies, NetworkRules } from '../http/network.ts'
import type { Reader } from '../store/store.ts'
import type { InstancePolicyStore } from './instance-policy.ts'

/** Instances whose rules are kept ready; beyond that the oldest are made again when they are needed. */
const rulesMax = 256

/** Of an instance that never had a network policy. */
const open: NetworkRules = { requireNetwork: () => undefined, requireAddress: () => undefined }

/** Asked by every call about an instance. */
export function networkPolicies(reader: Reader, policies: InstancePolicyStore): NetworkPolicies {
  const known = new Map<string, { readonly revision: number; readonly rules: NetworkRules }>()
  const revisionOf = (instance: string): number =>
    reader.remembered<{ revision: number }>(
      'SELECT network_revision AS revision FROM instances WHERE guid = ?',
      instance,
    )?.revision ?? 0

  return {
    rulesOf(instance, revision = revisionOf(instance)) {
      if (revision === 0) return open
      const kept = known.get(instance)
      if (kept?.revision === revision) return kept.rules
      const rules = readRules(instance, policies)
      known.delete(instance)
      if (known.size >= rulesMax) for (const oldest of known.keys()) if (known.size >= rulesMax) known.delete(oldest)
      known.set(instance, { revision, rules })
      return rules
    },
  }
}

/** Up to a thousand blocks: parsed once for each change of the policies. */
function readRules(instance: string, policies: InstancePolicyStore): NetworkRules {
  const network = policies.find(instance, 'allowedNetwork')
  const isPrivate = network?.enabled === true && network.attributes.allowed_network === 'private-only'
  const addresses = policies.find(instance, 'allowedIP')
  const list = addresses?.enabled === true ? listOf(addresses.attributes.allowed_ip) : undefined
  return {
    requireNetwork(peer) {
      if (!isPrivate || peer.isPrivate) return
      throw new Refusal('UNAUTHORIZED_ERR', { message: 'This instance takes requests from its private network only.' })
    },
    requireAddress(peer) {
      if (list === undefined || isIn(list, peer.address)) return
      throw new Refusal('UNAUTHORIZED_ERR', { message: 'This instance takes no requests from this address.' })
    },
  }
}

function listOf(blocks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const block of blocks) addBlock(list, block)
  return list
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
