/** The taxonomies of strict CADF (DSP0262, annexes A to C) as pycadf 3.1.1 ships them, and how ours map onto them. */
import { catalogue } from '../catalogue.ts'

/** Roots and branches of the action taxonomy; each may be extended by `/` and further segments. */
const cadfActions: readonly string[] = [
  'allow',
  'authenticate',
  'authenticate/login',
  'backup',
  'capture',
  'configure',
  'create',
  'delete',
  'deny',
  'deploy',
  'disable',
  'enable',
  'evaluate',
  'monitor',
  'notify',
  'read',
  'read/list',
  'receive',
  'renew',
  'restore',
  'revoke',
  'send',
  'start',
  'stop',
  'undeploy',
  'unknown',
  'update',
]

export const cadfOutcomes: readonly string[] = ['success', 'failure', 'pending', 'unknown']

/** Roots of the resource taxonomy; whatever stands below one of them is a branch or an extension of it. */
const cadfResourceRoots: readonly string[] = ['storage', 'compute', 'network', 'service', 'data', 'unknown']

/** Branches that stand below a root without an extension of ours: pycadf compares with these. */
const keymanager = 'service/security/keymanager'
const secret = 'data/security/keymanager/secret'

/** The verbs of our catalogue in the action taxonomy. */
const verbs: Readonly<Record<string, string>> = {
  'ack-delete': 'notify/ack-delete',
  'ack-disable': 'notify/ack-disable',
  'ack-enable': 'notify/ack-enable',
  'ack-restore': 'notify/ack-restore',
  'ack-rotate': 'notify/ack-rotate',
  ack: 'notify/ack',
  acknowledge: 'notify/acknowledge',
  activate: 'enable/activate',
  add: 'create/add',
  admit: 'allow/admit',
  approve: 'allow/approve',
  archive: 'update/archive',
  assign: 'update/assign',
  clear: 'delete/clear',
  close: 'update/close',
  comment: 'update/comment',
  commit: 'update/commit',
  complete: 'update/complete',
  copy: 'backup/copy',
  create: 'create',
  delete: 'delete',
  deliver: 'send/deliver',
  destroy: 'delete/destroy',
  disable: 'disable',
  enable: 'enable',
  exhaust: 'monitor/exhaust',
  expire: 'update/expire',
  export: 'read/export',
  find: 'monitor/find',
  flood: 'authenticate/flood',
  grant: 'allow/grant',
  head: 'read/head',
  hold: 'deny/hold',
  import: 'create/import',
  lapse: 'update/lapse',
  list: 'read/list',
  login: 'authenticate/login',
  merge: 'update/merge',
  patch: 'update/patch',
  perform: 'delete/perform',
  prune: 'delete/prune',
  purge: 'delete/purge',
  raise: 'notify/raise',
  read: 'read',
  record: 'monitor/record',
  recover: 'monitor/recover',
  release: 'revoke/release',
  remove: 'delete/remove',
  reopen: 'update/reopen',
  repeat: 'notify/repeat',
  request: 'unknown',
  resend: 'send/resend',
  reset: 'update/reset',
  restart: 'start/restart',
  restore: 'restore',
  retrieve: 'read/retrieve',
  revoke: 'revoke',
  rewrap: 'evaluate/rewrap',
  rotate: 'update/rotate',
  search: 'read/search',
  send: 'send',
  set: 'configure/set',
  setkeyfordeletion: 'allow/delete',
  start: 'start',
  step: 'update/step',
  store: 'create/store',
  suspend: 'disable/suspend',
  sync: 'update/sync',
  tail: 'read/tail',
  test: 'evaluate/test',
  unsetkeyfordeletion: 'deny/delete',
  unwrap: 'evaluate/unwrap',
  update: 'update',
  use: 'evaluate/use',
  verify: 'monitor/verify',
  warn: 'notify/warn',
  withdraw: 'revoke/withdraw',
  wrap: 'evaluate/wrap',
  write: 'update/write',
}

/** Our target types in the resource taxonomy. */
const targets: Readonly<Record<string, string>> = {
  'activity-tracker/alert': 'data/message/alert',
  'activity-tracker/calendar': 'data/security/policy/calendar',
  'activity-tracker/channel': 'service/security/audit/channel',
  'activity-tracker/continuity': 'data/file/log/continuity',
  'activity-tracker/counts': 'data/file/log/counts',
  'activity-tracker/digest': 'data/message/digest',
  'activity-tracker/entries': 'data/file/log/entries',
  'activity-tracker/epochs': 'data/file/log/epochs',
  'activity-tracker/events': 'data/file/log/events',
  'activity-tracker/hold': 'data/security/policy/hold',
  'activity-tracker/instance': 'service/security/audit',
  'activity-tracker/log': 'data/file/log',
  'activity-tracker/log-key': 'data/security/key/log',
  'activity-tracker/mute': 'data/security/policy/mute',
  'activity-tracker/numbers': 'data/file/log/numbers',
  'activity-tracker/producer': 'data/file/log/producer',
  'activity-tracker/proposal': 'data/security/policy/proposal',
  'activity-tracker/receipt': 'data/file/log/receipt',
  'activity-tracker/retention': 'data/security/policy/retention',
  'activity-tracker/rule': 'data/security/policy/rule',
  'activity-tracker/verification': 'data/file/log/verification',
  'activity-tracker/view': 'data/file/log/view',
  'hs-crypto/adopter': 'data/security/service/adopter',
  'hs-crypto/clock': `${keymanager}/clock`,
  'hs-crypto/ep11': `${keymanager}/ep11`,
  'hs-crypto/governance-config': 'data/security/policy/governance-config',
  'hs-crypto/import-token': 'data/security/key/import-token',
  'hs-crypto/instance': keymanager,
  'hs-crypto/instance-allowed-ip-port': `${keymanager}/allowed-ip-port`,
  'hs-crypto/instance-ip-allowlist-port': `${keymanager}/allowed-ip-port`,
  'hs-crypto/instance-policies': 'data/security/policy/instance',
  'hs-crypto/key-rings': 'data/security/keymanager/container',
  'hs-crypto/keystore': 'data/security/keymanager/container/keystore',
  'hs-crypto/kmip-key': 'data/security/key/kmip',
  'hs-crypto/kmip-key-attributes': 'data/security/key/kmip/attributes',
  'hs-crypto/kmip-management': `${keymanager}/kmip`,
  'hs-crypto/mtlscert-admin-key': 'data/security/key/certificate-administrator',
  'hs-crypto/mtlscert-cert': 'data/security/credential/certificate',
  'hs-crypto/mtlscert-recovery': 'data/security/policy/proposal',
  'hs-crypto/notification': 'data/message/notification',
  'hs-crypto/policies': 'data/security/policy',
  'hs-crypto/producer': `${keymanager}/producer`,
  'hs-crypto/registrations': 'data/security/keymanager/registration',
  'hs-crypto/secrets': secret,
  'hs-crypto/secrets-alias': `${secret}/alias`,
  'hs-crypto/secrets-event': `${secret}/event`,
  'hs-crypto/secrets-key-versions': `${secret}/key-versions`,
  'hs-crypto/secrets-metadata': `${secret}/metadata`,
  'hs-crypto/storage': 'storage/database',
  'hs-crypto/tke-cryptounit': `${keymanager}/cryptounit`,
  'hs-crypto/tke-cryptounit/admin': `${keymanager}/cryptounit/admin`,
  'hs-crypto/tke-cryptounit/control-point': `${keymanager}/cryptounit/control-point`,
  'hs-crypto/tke-cryptounit/current-master-key-register': `${keymanager}/cryptounit/current-master-key-register`,
  'hs-crypto/tke-cryptounit/failover': `${keymanager}/cryptounit/failover`,
  'hs-crypto/tke-cryptounit/importer': `${keymanager}/cryptounit/importer`,
  'hs-crypto/tke-cryptounit/master-key': `${keymanager}/cryptounit/master-key`,
  'hs-crypto/tke-cryptounit/master-key-register': `${keymanager}/cryptounit/master-key-register`,
  'hs-crypto/tke-cryptounit/new-master-key-register': `${keymanager}/cryptounit/new-master-key-register`,
  'hs-crypto/tke-cryptounit/process': `${keymanager}/cryptounit/process`,
  'hs-crypto/tke-cryptounit/threshold': `${keymanager}/cryptounit/threshold`,
  'hs-crypto/tke-master-key-rotation': `${keymanager}/cryptounit/master-key-rotation`,
  'iam-access/role': 'data/security/role',
  'iam-identity/account': 'data/security/account',
  'iam-identity/apikey': 'data/security/credential/apikey',
  'iam-identity/authentication': 'service/security/account',
  'iam-identity/serviceid': 'data/security/identity/serviceid',
  'iam-identity/session': 'data/security/credential/session',
  'iam-identity/sign-in-link': 'data/security/credential/sign-in-link',
  'iam-identity/user': 'data/security/account/user',
}

/** Who observed, by the service that an action's name begins with. */
const services: Readonly<Record<string, string>> = {
  'activity-tracker': 'service/security/audit',
  'hs-crypto': keymanager,
  'iam-access': 'service/security/account',
  'iam-identity': 'service/security/account',
  kms: keymanager,
}

/** A path of segments without an empty one, as the taxonomies have them. */
const segments = /^[A-Za-z0-9][\w.-]*(?:\/[A-Za-z0-9][\w.-]*)*$/

/** Whether a path is an entry of the action taxonomy, or one extended by `/`. Exact, unlike pycadf's prefixes. */
export function isCadfAction(path: string): boolean {
  return segments.test(path) && cadfActions.includes(path.split('/')[0] ?? '')
}

/** Whether a path is below a root of the resource taxonomy. */
export function isCadfResource(path: string): boolean {
  return segments.test(path) && cadfResourceRoots.includes(path.split('/')[0] ?? '')
}

/** The action in the taxonomy: by the catalogue's verb, else by the last part of the name, else `unknown`. */
export function cadfActionOf(action: string): string {
  const verb = catalogue.entry(action)?.verb ?? action.slice(action.lastIndexOf('.') + 1)
  return (Object.hasOwn(verbs, verb) ? verbs[verb] : undefined) ?? 'unknown'
}

/** A target's type in the taxonomy; one that already is in it stays. */
export function cadfTargetOf(typeURI: string): string {
  const type = typeURI.replace(/^kms\//, 'hs-crypto/')
  if (Object.hasOwn(targets, type)) return targets[type] ?? 'unknown'
  return isCadfResource(typeURI) ? typeURI : 'unknown'
}

/** The type of the service that observed an action. */
export function cadfObserverOf(action: string): string {
  const service = action.slice(0, Math.max(action.indexOf('.'), 0))
  return (Object.hasOwn(services, service) ? services[service] : undefined) ?? 'service/security'
}
