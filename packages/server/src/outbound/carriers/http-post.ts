/** Carries messages by posting JSON to a service's URL: Slack, Teams, PagerDuty and what is compatible with them. */
import { attempt, type AttemptParts, type Outcome } from '../attempt.ts'
import { type Carrier, settingsOf } from '../carrier.ts'
import { outboundLimits } from '../limits.ts'
import type { Message } from '../messages.ts'
import { parseTargetUrl } from '../target-url.ts'

/** What of a target's settings the carrier itself uses. */
interface HttpPostSettings {
  readonly url?: string
  /** PEM. */
  readonly ca?: string
}

interface HttpPost {
  readonly url: string
  /** JSON, one post after another. All of them are made again when one fails: the receiver must take that. */
  readonly bodies: readonly string[]
}

/**
 * What is posted, and where. Undefined when the message is not one that can be shown.
 * @param secret the target's: the URL, or what stands in the body
 */
export type MakePost = (message: Message, settings: HttpPostSettings, secret: string) => HttpPost | undefined

/** @param agent value of the header `user-agent` */
export function httpPostCarrier(agent: string, make: MakePost): Carrier {
  const headers = { 'content-type': 'application/json', 'user-agent': agent }
  return {
    attemptMs: outboundLimits.attemptMs,
    deliver: async (message, target, secret, parts, stopped) => {
      const settings = settingsOf<HttpPostSettings>(target)
      if (settings === undefined) return { delivered: false, problem: 'BAD_SETTINGS', isFinal: true }
      const post = make(message, settings, secret)
      if (post === undefined) return { delivered: false, problem: 'BAD_MESSAGE', isFinal: true }
      let url
      try {
        url = parseTargetUrl(post.url, parts.addresses)
      } catch {
        return { delivered: false, problem: 'ADDRESS_REFUSED' }
      }
      const ends = endsWithin(parts, settings.ca)
      let outcome: Outcome = { delivered: true }
      for (const body of post.bodies) {
        outcome = await attempt({ url, headers, body }, ends(), stopped)
        if (!outcome.delivered) return outcome
      }
      return outcome
    },
  }
}

/** The parts of each post: together they end in the time of one attempt. */
function endsWithin(parts: AttemptParts, ca: string | undefined): () => AttemptParts {
  const began = performance.now()
  return () => ({
    ...parts,
    ca: ca ?? parts.ca,
    attemptMs: Math.max(1, Math.round(parts.attemptMs - (performance.now() - began))),
  })
}
