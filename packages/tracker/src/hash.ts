/** SHA-256 by the platform: what the tree's functions are given on Node. */
import { hash } from 'node:crypto'

/** One-shot SHA-256 (FIPS 180-4); 32 bytes. */
export const sha256Of = (data: Uint8Array): Uint8Array => hash('sha256', data, 'buffer')
