/** The carriers of all kinds of targets, with how each shows a message: what the sender of messages is given. */
import type { Clock } from '../../clock.ts'
import type { Carriers } from '../../outbound/carrier.ts'
import { emailCarrier } from '../../outbound/carriers/email.ts'
import { httpPostCarrier } from '../../outbound/carriers/http-post.ts'
import { syslogCarrier } from '../../outbound/carriers/syslog.ts'
import { webhookCarrier } from '../../outbound/carriers/webhook.ts'
import { type AlertMessage, readAlertMessage } from './alert-message.ts'
import { renderEmail } from './render-email.ts'
import { renderPagerDuty } from './render-pagerduty.ts'
import { renderSlack } from './render-slack.ts'
import { type Facility, renderSyslog } from './render-syslog.ts'
import { renderTeams } from './render-teams.ts'
import type { Sender } from './wording.ts'

const pagerDutyUrl = 'https://events.pagerduty.com/v2/enqueue'

export interface ChannelCarrierParts extends Sender {
  readonly clock: Pick<Clock, 'now'>
}

/** Webhooks carry the message as it stands in the queue: the neutral one, and those to adopting services. */
export function channelCarriers({ clock, serviceName, cname }: ChannelCarrierParts): Carriers {
  const agent = `${cname}/1`
  const sender = { serviceName, cname }
  const shown = <Shown>(body: string, show: (message: AlertMessage) => Shown): Shown | undefined => {
    const message = readAlertMessage(body)
    return message === undefined ? undefined : show(message)
  }
  return {
    webhook: webhookCarrier({ clock, agent }),
    slack: httpPostCarrier(agent, ({ body }, _settings, url) =>
      shown(body, (message) => ({ url, bodies: [renderSlack(message)] })),
    ),
    teams: httpPostCarrier(agent, ({ body }, _settings, url) =>
      shown(body, (message) => ({ url, bodies: [renderTeams(message)] })),
    ),
    pagerduty: httpPostCarrier(agent, ({ id, body }, { url = pagerDutyUrl }, routingKey) =>
      shown(body, (message) => ({ url, bodies: renderPagerDuty(message, id, routingKey, sender) })),
    ),
    email: emailCarrier(({ id, body }) => shown(body, (message) => renderEmail(message, id, sender))),
    syslog: syslogCarrier(({ body }, { facility }) =>
      shown(body, (message) => renderSyslog(message, cname, facility as Facility | undefined)),
    ),
  }
}
