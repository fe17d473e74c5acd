/** What each role permits (reference: kms-rest-api.md section 9, and the design's section 8). */

/** Roles on a service instance or one of its key rings. */
export const instanceRoles = [
  'Reader',
  'ReaderPlus',
  'Writer',
  'Manager',
  'KeyPurge',
  'CryptoUnitAdministrator',
  'CertificateAdministrator',
  'KmipAdapterManager',
  'KeyOperator',
  'KeystoreOperator',
  'CryptoOperator',
] as const

/** Roles on a tracker; `Administrator` is also the role on an account. */
/** `Producer` is for other servers that deliver their events; it reads nothing. */
export const trackerRoles = ['Auditor', 'Officer', 'Administrator', 'Producer'] as const

export type InstanceRole = (typeof instanceRoles)[number]
export type TrackerRole = (typeof trackerRoles)[number]
export type Role = InstanceRole | TrackerRole

const all: readonly InstanceRole[] = ['Reader', 'ReaderPlus', 'Writer', 'Manager']
const writers: readonly InstanceRole[] = ['Writer', 'Manager']
const managers: readonly InstanceRole[] = ['Manager']
/** Also the key operators and keystore operators of PKCS #11 (reference grep11, section 14.5). */
const keystoreOperators: readonly InstanceRole[] = ['Manager', 'KeystoreOperator']
/** Also who uses and makes keys of EP11, and does nothing else (reference grep11, section 14.5). */
const cryptoUsers: readonly InstanceRole[] = [...all, 'CryptoOperator']
const cryptoWriters: readonly InstanceRole[] = [...writers, 'CryptoOperator']

/** Permissions on an instance, each with the roles that grant it. One row of the reference's table each. */
export const instancePermissions = {
  'keys.create': writers,
  'keys.create-with-overrides': managers,
  /** The key with its payload. */
  'keys.read': ['ReaderPlus', 'Writer', 'Manager'],
  'keys.metadata': all,
  /** HEAD and GET of the list. */
  'keys.list': [...all, 'KmipAdapterManager'],
  'keys.versions': all,
  /** Wrap, unwrap and rewrap. */
  'keys.use': all,
  'keys.rotate': writers,
  'keys.patch': managers,
  /** Disable and enable. */
  'keys.suspend': managers,
  'keys.set-for-deletion': writers,
  'keys.delete': managers,
  'keys.restore': managers,
  'keys.purge': ['KeyPurge'],
  'keys.sync': writers,
  'key-policies': managers,
  'instance-policies': managers,
  'allowed-ip-port': managers,
  'import-token': writers,
  'registrations.list': all,
  'registrations.change': all,
  'key-rings.create': writers,
  'key-rings.list': [...all, 'KmipAdapterManager'],
  'key-rings.delete': managers,
  'aliases.create': writers,
  'aliases.delete': managers,
  'kmip-management': ['Manager', 'KmipAdapterManager'],
  'certificates.administer': ['CertificateAdministrator'],
  'units.administer': ['Manager', 'CryptoUnitAdministrator'],
  /** Any use of EP11; each method needs its own beside it, by the names that IAM has for them. */
  'ep11.use': cryptoUsers,
  'crypto.getmechanismlist': cryptoUsers,
  'crypto.getmechanisminfo': cryptoUsers,
  'crypto.generaterandom': cryptoUsers,
  'crypto.digest': cryptoUsers,
  'crypto.digestkey': cryptoUsers,
  'crypto.encrypt': cryptoUsers,
  'crypto.decrypt': cryptoUsers,
  'crypto.sign': cryptoUsers,
  'crypto.verify': cryptoUsers,
  'crypto.wrapkey': cryptoUsers,
  'crypto.unwrapkey': cryptoUsers,
  'crypto.rewrapkeyblob': cryptoUsers,
  'crypto.getattributevalue': cryptoUsers,
  'crypto.setattributevalue': cryptoUsers,
  'crypto.generatekey': cryptoWriters,
  'crypto.generatekeypair': cryptoWriters,
  'crypto.derivekey': cryptoWriters,
  /** Seeing that the instance exists, and its name and location. */
  'instance.read': instanceRoles,
} as const satisfies Record<string, readonly InstanceRole[]>

/** Permissions on EP11 keystores and what is in them; a role may be granted on a single keystore or key. */
export const keystorePermissions = {
  'keystores.create': keystoreOperators,
  'keystores.delete': keystoreOperators,
  'keystores.list-by-ids': [...keystoreOperators, 'KeyOperator'],
  'keystores.list-by-attributes': keystoreOperators,
  'keystore-keys.list': [...all, 'KeyOperator'],
  'keystore-keys.update': [...all, 'KeyOperator'],
  'keystore-keys.store': [...writers, 'KeyOperator'],
  'keystore-keys.delete': [...managers, 'KeyOperator'],
} as const satisfies Record<string, readonly InstanceRole[]>

/** Permissions on a tracker. */
export const trackerPermissions = {
  /** Read, prove, search, tail, export. */
  'trail.read': ['Auditor', 'Officer', 'Administrator'],
  /** Views, rules, acknowledgements. */
  'trail.watch': ['Officer', 'Administrator'],
  /** Retention, channels, keys. */
  'trail.administer': ['Administrator'],
  /** Deliver events of another server. */
  'trail.deliver': ['Producer'],
} as const satisfies Record<string, readonly TrackerRole[]>

/** Permissions on an account: all with its administrators. */
export const accountPermissions = {
  'identities.read': ['Administrator'],
  'identities.change': ['Administrator'],
  'instances.create': ['Administrator'],
  'trackers.create': ['Administrator'],
  /** Where adopting services are told, and what did not reach them. */
  'adopters.read': ['Administrator'],
  'adopters.change': ['Administrator'],
  /** Take a lost key from a certificate administrator, together with another person. */
  'certificates.recover': ['Administrator'],
} as const satisfies Record<string, readonly TrackerRole[]>

export type InstancePermission = keyof typeof instancePermissions
export type KeystorePermission = keyof typeof keystorePermissions
export type TrackerPermission = keyof typeof trackerPermissions
export type AccountPermission = keyof typeof accountPermissions
