/** Secrets that are shown once and kept only as their SHA-256. */
import { hash, timingSafeEqual } from 'node:crypto'

/** Source of random bytes: `node:crypto`'s `randomBytes`, or a test's own. */
export type RandomBytes = (count: number) => Uint8Array

/** 33 bytes are 44 base64url characters without padding. */
const apiKeyBytes = 33
const sessionTokenBytes = 32

export function newApiKey(random: RandomBytes): string {
  return base64url(random(apiKeyBytes))
}

/** A session's cookie value or a sign-in link's token: 43 characters. */
export function newSessionToken(random: RandomBytes): string {
  return base64url(random(sessionTokenBytes))
}

/** True for what could be an API key: anything else is refused before any look-up. */
export function looksLikeApiKey(text: string): boolean {
  return /^[A-Za-z0-9_-]{32,128}$/.test(text)
}

export function looksLikeSessionToken(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text)
}

/**
 * What is stored of a secret. No salt and no slow hash: the secrets have 256 random bits or more, so neither a table
 * nor guessing helps, and a flood of wrong ones stays cheap.
 */
export function secretHash(secret: string): Uint8Array {
  return hash('sha256', secret, 'buffer')
}

/** Compares without telling by time where two hashes differ. */
export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}
