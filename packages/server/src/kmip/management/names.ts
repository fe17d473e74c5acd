/** Names of adapters and certificates that came without one. */

/** The prefix and 16 random hexadecimal digits: no list of an instance will ever hold the same one twice. */
export function madeName(prefix: 'kmip_adapter' | 'kmip_cert', random: (bytes: number) => Uint8Array): string {
  return `${prefix}_${Buffer.from(random(8)).toString('hex')}`
}
