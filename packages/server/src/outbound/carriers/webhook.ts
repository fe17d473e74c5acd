/** Carries messages as they are, signed as Standard Webhooks has it: to adopting services, and to whoever else takes webhooks. */
import { Webhook } from 'standardwebhooks'
import type { Clock } from '../../clock.ts'
import { attempt } from '../attempt.ts'
import { type Carrier, settingsOf } from '../carrier.ts'
import { outboundLimits } from '../limits.ts'
import { parseTargetUrl } from '../target-url.ts'

export interface WebhookParts {
  readonly clock: Pick<Clock, 'now'>
  /** Value of the header `user-agent`. */
  readonly agent: string
}

/** The secret is the signing secret, as receivers get it (`whsec_…`). */
export function webhookCarrier({ clock, agent }: WebhookParts): Carrier {
  return {
    attemptMs: outboundLimits.attemptMs,
    deliver: async (message, target, secret, parts, stopped) => {
      const settings = settingsOf<{ readonly ca?: string }>(target)
      if (settings === undefined) return { delivered: false, problem: 'BAD_SETTINGS', isFinal: true }
      let url
      try {
        // What the operator allows may have become less since the target was configured.
        url = parseTargetUrl(target.url, parts.addresses)
      } catch {
        return { delivered: false, problem: 'ADDRESS_REFUSED' }
      }
      const sentAt = new Date(clock.now())
      const headers = {
        'content-type': 'application/json',
        'user-agent': agent,
        'webhook-id': message.id,
        'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1_000)),
        'webhook-signature': new Webhook(secret).sign(message.id, sentAt, message.body),
      }
      return await attempt({ url, headers, body: message.body }, { ...parts, ca: settings.ca ?? parts.ca }, stopped)
    },
  }
}
