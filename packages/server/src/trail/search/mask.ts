/** What a search asked, without anything that looks like a credential somebody pasted into the search box. */

/** A JSON Web Token, wherever it stands. */
const token = /eyJ[\w-]{8,}\.[\w-]{8,}\.?[\w-]*/g
/** A long run of base64 characters. Hashes (hex), UUIDs and names around them are no secrets and stay searchable. */
const runCharacters = 40
const longRun = new RegExp(`[\\w+/=%-]{${runCharacters},}`, 'g')
const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi

function isHarmless(run: string): boolean {
  return /^[0-9a-f-]+$/i.test(run) || run.replaceAll(uuid, '').length < runCharacters
}

/** Masks tokens and long runs of base64 in one value of a query, decoded; it stays readable otherwise. */
export function maskSecrets(value: string): string {
  return value.replaceAll(token, '(masked)').replaceAll(longRun, (run) => (isHarmless(run) ? run : '(masked)'))
}
