/** Settings of the EP11 listeners: where they bind, what they show, and how much one peer may take. */
import { type Address, addressOf, numberOf, requireTls, tlsFilesOf, wrong } from './setting-values.ts'
import type { TlsFiles } from './tls/files.ts'

export interface Ep11Config {
  /** Undefined: there is none. */
  readonly public: Address | undefined
  readonly private: Address | undefined
  /** PEM files; undefined: a certificate of the data folder's authority. */
  readonly tls: TlsFiles | undefined
  readonly bounds: Ep11Bounds
}

/** What one listener takes. */
export interface Ep11Bounds {
  readonly connections: number
  /** Of one address, or of one /64 network of IPv6. */
  readonly connectionsOfAddress: number
  /** Of one caller, on both listeners; as many more as `callBurst` may come at once. */
  readonly callsPerSecond: number
  readonly callBurst: number
}

/** Names of the settings that go together. */
export const ep11SettingNames = {
  public: 'KEYWITNESS_EP11',
  private: 'KEYWITNESS_EP11_PRIVATE',
  cert: 'KEYWITNESS_EP11_TLS_CERT',
  key: 'KEYWITNESS_EP11_TLS_KEY',
} as const

export const ep11Settings = {
  KEYWITNESS_EP11: { default: '127.0.0.1:9876', meaning: 'public listener for GREP11 over gRPC with TLS; `off`: none' },
  KEYWITNESS_EP11_PRIVATE: { default: '127.0.0.1:9877', meaning: 'private listener for the same; `off`: none' },
  KEYWITNESS_EP11_TLS_CERT: {
    default: '',
    meaning:
      'PEM file with the certificate chain of the EP11 listeners; without it the authority in `<data>/tls` signs one',
  },
  KEYWITNESS_EP11_TLS_KEY: { default: '', meaning: 'PEM file with its private key' },
  KEYWITNESS_EP11_CONNECTIONS: { default: '4000', meaning: 'open connections of one EP11 listener, 1 to 100000' },
  KEYWITNESS_EP11_CONNECTIONS_PER_ADDRESS: {
    default: '1000',
    meaning: 'of them from one address, or one /64 network of IPv6, 1 to 100000',
  },
  KEYWITNESS_EP11_CALLS_PER_SECOND: {
    default: '5000',
    meaning: 'EP11 calls of one identity in a second, 1 to 1000000',
  },
  KEYWITNESS_EP11_CALL_BURST: {
    default: '10000',
    meaning: 'EP11 calls of one identity that may come at once, 1 to 1000000',
  },
} as const

const connections = { min: 1, max: 100_000 }
const calls = { min: 1, max: 1_000_000 }

/**
 * What the settings say.
 * @throws StartError CONFIG naming the setting
 */
export function ep11ConfigOf(value: (name: keyof typeof ep11Settings) => string, isDevelopment: boolean): Ep11Config {
  const number = (name: keyof typeof ep11Settings, range: typeof calls) => numberOf(name, value(name), range)
  const { cert, key } = ep11SettingNames
  const tls = tlsFilesOf({ cert, key }, value(cert), value(key))
  const bounds = {
    connections: number('KEYWITNESS_EP11_CONNECTIONS', connections),
    connectionsOfAddress: number('KEYWITNESS_EP11_CONNECTIONS_PER_ADDRESS', connections),
    callsPerSecond: number('KEYWITNESS_EP11_CALLS_PER_SECOND', calls),
    callBurst: number('KEYWITNESS_EP11_CALL_BURST', calls),
  }
  if (bounds.callBurst < bounds.callsPerSecond) {
    wrong('KEYWITNESS_EP11_CALL_BURST', 'must not be less than KEYWITNESS_EP11_CALLS_PER_SECOND')
  }
  const listenerOf = (name: 'KEYWITNESS_EP11' | 'KEYWITNESS_EP11_PRIVATE'): Address | undefined => {
    const where = value(name)
    if (where === 'off') return undefined
    const address = addressOf(name, where)
    requireTls({ address: name, cert, key }, address.host, isDevelopment, tls)
    return address
  }
  return { public: listenerOf('KEYWITNESS_EP11'), private: listenerOf('KEYWITNESS_EP11_PRIVATE'), tls, bounds }
}
