/** What to do about a refusal, where a command knows better than the status tells. */
import { Refused } from './api-client.ts'

/**
 * The same refusal with other advice.
 *
 * @param advice by the server's code
 */
export async function advised<T>(advice: Readonly<Record<string, string>>, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    const better = error instanceof Refused ? advice[error.reason] : undefined
    if (!(error instanceof Refused) || better === undefined) throw error
    throw new Refused(error.status, error.reason, error.message, better, error.retryAfterMs)
  }
}
