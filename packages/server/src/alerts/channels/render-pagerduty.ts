/** A message for PagerDuty's Events API, version 2: an alert is one incident there, from its first event to its end. */
import type { AlertMessage } from './alert-message.ts'
import { cut } from './clean-text.ts'
import { factsOf, headingOf, type Sender, severityOf } from './wording.ts'

const summaryChars = 1_024

/**
 * The bodies of the posts, one after another. What is no alert shows that the way is open, and is over at once.
 * @param id of the message in the queue
 * @param routingKey the channel's secret
 */
export function renderPagerDuty(message: AlertMessage, id: string, routingKey: string, sender: Sender): string[] {
  const { type, alert } = message
  const key = alert?.id ?? `${sender.cname}-${id}`
  const post = (action: 'trigger' | 'acknowledge' | 'resolve'): string =>
    JSON.stringify({
      routing_key: routingKey,
      event_action: action,
      dedup_key: key,
      ...(action === 'trigger' ? detailsOf(message, sender) : {}),
    })
  // Somebody is to look, and says when that is done.
  if (type === 'alerting.changed') return [post('trigger')]
  if (alert === undefined) return [post('trigger'), post('resolve')]
  if (type === 'alert.acknowledged') return [post('acknowledge')]
  if (type === 'alert.closed') return [post('resolve')]
  return [post('trigger')]
}

function detailsOf(message: AlertMessage, { serviceName }: Sender): object {
  const { alert, tracker, at, text, remedy, comment, url } = message
  return {
    payload: {
      summary: cut(headingOf(message), summaryChars),
      source: tracker.origin,
      severity: severityOf(message),
      timestamp: alert?.lastAt ?? at,
      component: tracker.location,
      ...(alert === undefined ? {} : { group: alert.rule.id, class: alert.rule.name }),
      custom_details: {
        text,
        ...(remedy === undefined ? {} : { remedy }),
        ...(comment === undefined ? {} : { comment }),
        facts: factsOf(message).map(([label, value]) => `${label}: ${value}`),
        events: alert?.events ?? [],
      },
    },
    client: serviceName,
    ...(url === undefined ? {} : { client_url: url, links: [{ href: url, text: 'Open in the console' }] }),
  }
}
