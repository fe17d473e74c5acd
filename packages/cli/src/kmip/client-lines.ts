/** What is typed or written where a KMIP client is told of its server, one form a client. */
import { addressText, type ListenerAddress } from '../tls/listener-address.ts'

/** Files and address as they stand in the lines. */
export interface ClientSettings {
  readonly address: ListenerAddress
  /** The authority's certificate. */
  readonly authority: string
  readonly certificate: string
  readonly key: string
}

export const clients = ['vcenter', 'pykmip', 'mongodb', 'mysql', 'percona', 'openssl'] as const

export type Client = (typeof clients)[number]

/** Addresses that only this machine reaches. */
const ownMachine = /^(?:localhost|127\.[\d.]+|::1)$/

const lines: Readonly<Record<Client, (settings: ClientSettings) => readonly string[]>> = {
  vcenter: ({ address }) => [
    'In the vSphere Client: vCenter Server > Configure > Key Providers > Add > Add Standard Key Provider.',
    '  Name      a name for the cluster of key servers, and one for this server',
    `  Address   ${address.host}`,
    `  Port      ${address.port}`,
    '  Proxy, user name and password stay empty.',
    ...(ownMachine.test(address.host)
      ? [
          `  ! Only this machine reaches ${address.host}; no vCenter does. Name the address that vCenter uses`,
          '    with --kmip. Where the listener has no other, whoever runs the server gives it one with the',
          '    setting KEYWITNESS_KMIP, such as 0.0.0.0:5696, and a certificate with the names that clients use.',
        ]
      : []),
    'It shows the certificate above: trust it only when the fingerprints are the same.',
    'Then Establish Trust > Make KMS trust vCenter > vCenter Certificate: download it, and register it:',
    '  keywitness kmip certificates add <adapter> <file> --name vcenter',
  ],
  pykmip: ({ address, authority, certificate, key }) => [
    '[client]',
    `host=${address.host}`,
    `port=${address.port}`,
    `certfile=${certificate}`,
    `keyfile=${key}`,
    `ca_certs=${authority}`,
    'cert_reqs=CERT_REQUIRED',
    'ssl_version=PROTOCOL_SSLv23',
    'do_handshake_on_connect=True',
    'suppress_ragged_eofs=True',
  ],
  mongodb: ({ address, authority, certificate, key }) => [
    `cat ${quoted(certificate)} ${quoted(key)} > mongod-kmip.pem`,
    `mongod --enableEncryption --kmipServerName ${address.host} --kmipPort ${address.port} --kmipServerCAFile ${quoted(authority)} --kmipClientCertificateFile mongod-kmip.pem`,
  ],
  mysql: ({ address, authority, certificate, key }) => [
    'MySQL Enterprise, plugin keyring_okv. In the folder that keyring_okv_conf_dir names, okvclient.ora:',
    `  SERVER=${addressText(address)}`,
    'and below it ssl/ with the three files:',
    `  cp ${quoted(authority)} ssl/CA.pem`,
    `  cp ${quoted(certificate)} ssl/cert.pem`,
    `  cp ${quoted(key)} ssl/key.pem`,
  ],
  percona: ({ address, authority, certificate, key }) => [
    'Percona Server for MySQL, component_keyring_kmip.cnf in the plugin directory:',
    ...JSON.stringify(
      {
        server_addr: address.host,
        server_port: String(address.port),
        client_ca: certificate,
        client_key: key,
        server_ca: authority,
      },
      undefined,
      2,
    ).split('\n'),
    'client_ca is, in spite of its name, the certificate of the client.',
  ],
  openssl: ({ address, authority, certificate, key }) => [
    `openssl s_client -connect ${addressText(address)} -CAfile ${quoted(authority)} -cert ${quoted(certificate)} -key ${quoted(key)} </dev/null`,
  ],
}

export function clientLines(client: Client, settings: ClientSettings): readonly string[] {
  return lines[client](settings)
}

/** For a shell, in quotes where it must be. */
function quoted(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
