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

export const clients = ['vcenter', 'pykmip', 'mongodb', 'openssl'] as const

export type Client = (typeof clients)[number]

const lines: Readonly<Record<Client, (settings: ClientSettings) => readonly string[]>> = {
  vcenter: ({ address }) => [
    'In the vSphere Client: vCenter Server > Configure > Key Providers > Add > Add Standard Key Provider.',
    '  Name      a name for the cluster of key servers, and one for this server',
    `  Address   ${address.host}`,
    `  Port      ${address.port}`,
    '  Proxy, user name and password stay empty.',
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
