/** What a search asked, without anything that looks like a credential somebody pasted into the search box. */

/** A JSON Web Token, wherever it stands. */
const token = /eyJ[\w-]{8,}\.[\w-]{8,}\.?[\w-]*/g
/** A long run of base64 characters. Hashes (hex) and resource names are no secrets and stay searchable. */
const longRun = /[\w+/=%-]{40,}/g
const isHarmless = (run: string): boolean => /^[0-9a-f-]+$/i.test(run)

/** Masks tokens and long runs of base64; the query stays readable otherwise. */
export function maskSecrets(asked: string): string {
  return asked.replaceAll(token, '(masked)').replaceAll(longRun, (run) => (isHarmless(run) ? run : '(masked)'))
}
