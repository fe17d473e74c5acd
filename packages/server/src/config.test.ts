/** The configuration: defaults, precedence, and a clear word for everything that is wrong. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig, settings } from './config.ts'
import { StartError } from './start-error.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/reference/configuration.md'), 'utf8')

test('the configuration page lists every setting with its default and meaning, and no other', () => {
  const rows = [...page.matchAll(/^\| `(KEYWITNESS_\w+)` \| (.*?) \| (.*?) \|$/gm)]
  const onPage = Object.fromEntries(rows.map(([, name, initial, meaning]) => [name, { initial, meaning }]))
  const plain = new Set(['', 'generated'])
  const inCode = Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => {
      const initial =
        setting.default === '' ? 'none' : plain.has(setting.default) ? setting.default : `\`${setting.default}\``
      return [name, { initial, meaning: setting.meaning }]
    }),
  )
  expect(onPage).toEqual(inCode)
})

test('without any setting everything has its default', () => {
  const { config, secrets } = loadConfig({})
  expect(config).toMatchObject({
    profile: 'development',
    location: 'us-south',
    http: { host: '127.0.0.1', port: 8080 },
    httpPrivate: { host: '127.0.0.1', port: 8081 },
    tls: undefined,
    kmip: {
      address: { host: '127.0.0.1', port: 5696 },
      tls: undefined,
      hasLegacyCiphers: false,
      bounds: {
        connections: 12_000,
        connectionsOfAddress: 2_000,
        connectionsOfCertificate: 200,
        requestsPerSecond: 2_000,
        requestBurst: 4_000,
      },
    },
    ep11: {
      public: { host: '127.0.0.1', port: 9876 },
      private: { host: '127.0.0.1', port: 9877 },
      tls: undefined,
      bounds: { connections: 4_000, connectionsOfAddress: 1_000, callsPerSecond: 5_000, callBurst: 10_000 },
    },
    trustedProxies: [],
    serviceName: 'Keywitness',
    cname: 'keywitness',
  })
  expect(config.seal).toBe(join(config.data, 'seal.key'))
  expect(secrets).toEqual({
    bootstrapApiKey: undefined,
    bootstrapInstance: undefined,
    sealPassphrase: undefined,
  })
})

test('what the key service waits for can be shortened for tests of clients, in the development profile only', () => {
  expect(loadConfig({}).config.keyLimits).toEqual({ aliasesPerInstance: 1_000, rotatesDeactivated: false })
  expect(loadConfig({ KEYWITNESS_WAITS: 'restore=1, purge=0' }).config.keyLimits).toMatchObject({
    restoreAfterMs: 1_000,
    purgeAfterMs: 0,
  })
  const inProduction = { KEYWITNESS_PROFILE: 'production', KEYWITNESS_WAITS: 'restore=1' }
  expect(() => loadConfig(inProduction)).toThrow('KEYWITNESS_WAITS is for the development profile only.')
})

test('the environment wins over the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keywitness-config-'))
  const file = join(folder, 'settings.json')
  writeFileSync(file, JSON.stringify({ KEYWITNESS_LOCATION: 'eu-de', KEYWITNESS_HTTP: '127.0.0.1:1' }))
  const { config } = loadConfig({ KEYWITNESS_CONFIG: file, KEYWITNESS_HTTP: '[::1]:2' })
  expect(config.location).toBe('eu-de')
  expect(config.http).toEqual({ host: '::1', port: 2 })
  rmSync(folder, { recursive: true })
})

test('a secret may come from a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keywitness-config-'))
  const file = join(folder, 'key')
  writeFileSync(file, `${'k'.repeat(44)}\n`)
  expect(loadConfig({ KEYWITNESS_BOOTSTRAP_API_KEY_FILE: file }).secrets.bootstrapApiKey).toBe('k'.repeat(44))
  writeFileSync(file, 'passphrase and its line end\r\n')
  const named = { KEYWITNESS_SEAL_PASSPHRASE_FILE: file, KEYWITNESS_SEAL_PASSPHRASE: 'another passphrase' }
  expect(loadConfig(named).secrets.sealPassphrase).toBe('passphrase and its line end')
  writeFileSync(file, '\n')
  expect(() => loadConfig(named)).toThrow('KEYWITNESS_SEAL_PASSPHRASE_FILE names a file that is empty.')
  rmSync(folder, { recursive: true })
})

test('the passphrase of the seal is a secret: the configuration that may be shown does not hold it', () => {
  const { config, secrets } = loadConfig({ KEYWITNESS_SEAL_PASSPHRASE: 'correct horse battery staple' })
  expect(secrets.sealPassphrase).toBe('correct horse battery staple')
  expect(JSON.stringify(config)).not.toContain('horse')
  expect(loadConfig({ KEYWITNESS_SEAL_PASSPHRASE: '' }).secrets.sealPassphrase).toBeUndefined()
})

test.each([
  ['KEYWITNESS_PROFILE', 'staging'],
  ['KEYWITNESS_LOCATION', 'US South'],
  ['KEYWITNESS_HTTP', 'port-8080'],
  ['KEYWITNESS_HTTP', '127.0.0.1:99999'],
  ['KEYWITNESS_HTTP', '0.0.0.0:8080'],
  ['KEYWITNESS_TLS_CERT', '/nowhere/cert.pem'],
  ['KEYWITNESS_KMIP', 'on'],
  ['KEYWITNESS_KMIP', '0.0.0.0:5696'],
  ['KEYWITNESS_KMIP_TLS_KEY', '/nowhere/key.pem'],
  ['KEYWITNESS_KMIP_LEGACY_CIPHERS', 'true'],
  ['KEYWITNESS_KMIP_CONNECTIONS', '012'],
  ['KEYWITNESS_KMIP_CONNECTIONS_PER_CERTIFICATE', '100001'],
  ['KEYWITNESS_KMIP_REQUESTS_PER_SECOND', '-1'],
  ['KEYWITNESS_KMIP_REQUEST_BURST', '1999'],
  ['KEYWITNESS_EP11', 'on'],
  ['KEYWITNESS_EP11_PRIVATE', '0.0.0.0:9877'],
  ['KEYWITNESS_EP11_TLS_KEY', '/nowhere/key.pem'],
  ['KEYWITNESS_EP11_CONNECTIONS', 'many'],
  ['KEYWITNESS_EP11_CALL_BURST', '4999'],
  ['KEYWITNESS_TRUSTED_PROXIES', 'proxy.example'],
  ['KEYWITNESS_OUTBOUND_PRIVATE', '10.0.0.0/33'],
  ['KEYWITNESS_OUTBOUND_PRIVATE', 'intranet'],
  ['KEYWITNESS_ALIASES_PER_INSTANCE', '2000000'],
  ['KEYWITNESS_ALIASES_PER_INSTANCE', 'many'],
  ['KEYWITNESS_ROTATE_DEACTIVATED', 'maybe'],
  ['KEYWITNESS_WAITS', 'purge=soon'],
  ['KEYWITNESS_WAITS', 'constructor=1'],
  ['KEYWITNESS_SUCCESS_CODE', '204'],
  ['KEYWITNESS_CERT_RECOVERY_HOURS', '-1'],
  ['KEYWITNESS_CERT_RECOVERY_HOURS', '721'],
  ['KEYWITNESS_CERT_RECOVERY_HOURS', '1.5'],
  ['KEYWITNESS_CNAME', 'Key Witness'],
  ['KEYWITNESS_CONFIG', '/nowhere.json'],
  ['KEYWITNESS_BOOTSTRAP_API_KEY', 'short'],
  ['KEYWITNESS_BOOTSTRAP_INSTANCE', 'not-a-guid'],
  ['KEYWITNESS_SEAL_PASSPHRASE_FILE', '/nowhere/passphrase'],
  ['KEYWITNESS_HTPP', '127.0.0.1:8080'],
])('%s=%s stops the start with a sentence that names the setting and not its value', (name, value) => {
  let error: unknown
  try {
    loadConfig({ [name]: value })
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(StartError)
  expect((error as StartError).exitCode).toBe(78)
  expect((error as StartError).message).toContain(name)
  expect((error as StartError).message).not.toContain(value)
})

test('another address than loopback needs the production profile and TLS', () => {
  const production = { KEYWITNESS_PROFILE: 'production', KEYWITNESS_HTTP: '0.0.0.0:8443' }
  expect(() => loadConfig(production)).toThrow(/TLS/)
  const self = import.meta.filename
  expect(loadConfig({ ...production, KEYWITNESS_TLS_CERT: self, KEYWITNESS_TLS_KEY: self }).config.tls).toBeDefined()
})

test('KMIP has TLS files of its own, and beyond loopback needs them; `off` is no listener', () => {
  const production = { KEYWITNESS_PROFILE: 'production', KEYWITNESS_KMIP: '[::]:5696' }
  expect(() => loadConfig(production)).toThrow(
    'KEYWITNESS_KMIP on another address than loopback needs KEYWITNESS_KMIP_TLS_CERT and KEYWITNESS_KMIP_TLS_KEY.',
  )
  const self = import.meta.filename
  expect(() => loadConfig({ ...production, KEYWITNESS_TLS_CERT: self, KEYWITNESS_TLS_KEY: self })).toThrow(/KMIP_TLS/)
  const files = { KEYWITNESS_KMIP_TLS_CERT: self, KEYWITNESS_KMIP_TLS_KEY: self }
  expect(loadConfig({ ...production, ...files }).config.kmip).toMatchObject({
    address: { host: '::', port: 5696 },
    tls: { cert: self, key: self },
  })
  expect(loadConfig({ ...production, KEYWITNESS_KMIP: '127.0.0.9:0' }).config.kmip?.tls).toBeUndefined()
  expect(loadConfig({ KEYWITNESS_KMIP: 'off' }).config.kmip).toBeUndefined()
})

test('EP11 has TLS files of its own for both listeners, and each can be off', () => {
  const production = { KEYWITNESS_PROFILE: 'production', KEYWITNESS_EP11_PRIVATE: '[::]:9877' }
  expect(() => loadConfig(production)).toThrow(
    'KEYWITNESS_EP11_PRIVATE on another address than loopback needs KEYWITNESS_EP11_TLS_CERT and KEYWITNESS_EP11_TLS_KEY.',
  )
  const self = import.meta.filename
  const files = { KEYWITNESS_EP11_TLS_CERT: self, KEYWITNESS_EP11_TLS_KEY: self }
  expect(loadConfig({ ...production, ...files, KEYWITNESS_EP11: 'off' }).config.ep11).toMatchObject({
    public: undefined,
    private: { host: '::', port: 9877 },
    tls: { cert: self, key: self },
  })
})
