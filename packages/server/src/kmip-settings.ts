/** Settings of the KMIP listener: where it binds, what it shows, and how much one peer may take. */
import { type Address, addressOf, isYes, numberOf, requireTls, tlsFilesOf, wrong } from './setting-values.ts'
import type { TlsFiles } from './tls/files.ts'

export interface KmipConfig {
  readonly address: Address
  /** PEM files; undefined: a certificate of the data folder's authority. */
  readonly tls: TlsFiles | undefined
  /** Whether cipher suites without forward secrecy or authenticated encryption are offered as well. */
  readonly hasLegacyCiphers: boolean
  readonly bounds: KmipBounds
}

/** What one listener takes. */
export interface KmipBounds {
  readonly connections: number
  /** Of one address, or of one /64 network of IPv6. */
  readonly connectionsOfAddress: number
  readonly connectionsOfCertificate: number
  /** Of one certificate; as many more as `requestBurst` may come at once. */
  readonly requestsPerSecond: number
  readonly requestBurst: number
}

const names = { address: 'KEYWITNESS_KMIP', cert: 'KEYWITNESS_KMIP_TLS_CERT', key: 'KEYWITNESS_KMIP_TLS_KEY' } as const

export const kmipSettings = {
  KEYWITNESS_KMIP: { default: '127.0.0.1:5696', meaning: 'listener for KMIP over mutual TLS; `off`: none' },
  KEYWITNESS_KMIP_TLS_CERT: {
    default: '',
    meaning:
      'PEM file with the certificate chain of the KMIP listener; without it the authority in `<data>/tls` signs one',
  },
  KEYWITNESS_KMIP_TLS_KEY: { default: '', meaning: 'PEM file with its private key' },
  KEYWITNESS_KMIP_LEGACY_CIPHERS: {
    default: 'no',
    meaning: '`yes`: appliances that know no better may use CBC cipher suites, with RSA key exchange too',
  },
  KEYWITNESS_KMIP_CONNECTIONS: { default: '12000', meaning: 'open connections of KMIP, 1 to 100000' },
  KEYWITNESS_KMIP_CONNECTIONS_PER_ADDRESS: {
    default: '2000',
    meaning: 'of them from one address, or one /64 network of IPv6, 1 to 100000',
  },
  KEYWITNESS_KMIP_CONNECTIONS_PER_CERTIFICATE: {
    default: '200',
    meaning: 'of them with one client certificate, 1 to 100000',
  },
  KEYWITNESS_KMIP_REQUESTS_PER_SECOND: {
    default: '2000',
    meaning: 'KMIP requests of one client certificate in a second, 1 to 1000000',
  },
  KEYWITNESS_KMIP_REQUEST_BURST: {
    default: '4000',
    meaning: 'KMIP requests of one client certificate that may come at once, 1 to 1000000',
  },
} as const

const connections = { min: 1, max: 100_000 }
const requests = { min: 1, max: 1_000_000 }

/**
 * What the settings say; undefined when the listener is off.
 * @throws StartError CONFIG naming the setting
 */
export function kmipConfigOf(
  value: (name: keyof typeof kmipSettings) => string,
  isDevelopment: boolean,
): KmipConfig | undefined {
  const number = (name: keyof typeof kmipSettings, range: typeof requests) => numberOf(name, value(name), range)
  const tls = tlsFilesOf(names, value(names.cert), value(names.key))
  const config = {
    tls,
    hasLegacyCiphers: isYes('KEYWITNESS_KMIP_LEGACY_CIPHERS', value('KEYWITNESS_KMIP_LEGACY_CIPHERS')),
    bounds: {
      connections: number('KEYWITNESS_KMIP_CONNECTIONS', connections),
      connectionsOfAddress: number('KEYWITNESS_KMIP_CONNECTIONS_PER_ADDRESS', connections),
      connectionsOfCertificate: number('KEYWITNESS_KMIP_CONNECTIONS_PER_CERTIFICATE', connections),
      requestsPerSecond: number('KEYWITNESS_KMIP_REQUESTS_PER_SECOND', requests),
      requestBurst: number('KEYWITNESS_KMIP_REQUEST_BURST', requests),
    },
  }
  if (config.bounds.requestBurst < config.bounds.requestsPerSecond) {
    wrong('KEYWITNESS_KMIP_REQUEST_BURST', 'must not be less than KEYWITNESS_KMIP_REQUESTS_PER_SECOND')
  }
  const where = value('KEYWITNESS_KMIP')
  if (where === 'off') return undefined
  const address = addressOf('KEYWITNESS_KMIP', where)
  requireTls(names, address.host, isDevelopment, tls)
  return { address, ...config }
}
