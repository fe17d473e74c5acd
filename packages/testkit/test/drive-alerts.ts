/** Drives every route of alerting once well and once badly: for the tests that want each of its events. */
import type { Client, Product } from '../src/index.ts'

export function sampleRule(
  id: string,
  when: object = { kind: 'match', query: 'action:hs-crypto.secrets.delete' },
): object {
  return {
    id,
    name: 'A sample',
    description: 'Of a rule.',
    remedy: 'Nothing.',
    severity: 'info',
    groupBy: ['key'],
    when,
  }
}

export const sampleChannel = (id: string): object => ({
  id,
  name: 'A sample',
  kind: 'webhook',
  // Never reached: the server may not send there.
  settings: { url: 'https://hooks.example.com/sample' },
  minimum: 'critical',
})

/** @param client an administrator's */
export async function driveAlerts({ location }: Pick<Product, 'location'>, client: Client): Promise<void> {
  const call = client.call.bind(client)
  const trail = `/v1/trackers/${location}`
  const reason = { reason: 'driven' }
  await driveRules(call, trail, reason)

  const alert = await firstAlert(client, trail)
  for (const id of [alert, 'none']) {
    await call('GET', `${trail}/alerts/${id}`)
    await call('POST', `${trail}/alerts/${id}/acknowledge`, { body: {} })
    await call('POST', `${trail}/alerts/${id}/assign`, { body: { assignee: null } })
    for (const step of ['comment', 'close', 'reopen']) {
      await call('POST', `${trail}/alerts/${id}/${step}`, { body: { comment: 'driven' } })
    }
  }
  await call('GET', `${trail}/alerts`)
  await call('GET', `${trail}/alerts?state=none`)
  await call('GET', `${trail}/alerts/status`)

  const until = new Date(Date.now() + 60_000).toISOString()
  const mute = await call<{ id: string }>('POST', `${trail}/mutes`, {
    body: { rule: 'canary-touched', until, ...reason },
  })
  await call('POST', `${trail}/mutes`, { body: { ...reason, until: 'soon' } })
  await call('GET', `${trail}/mutes`)
  await call('GET', '/v1/trackers/nowhere/mutes')
  for (const id of [mute.json.id, 'none']) await call('DELETE', `${trail}/mutes/${id}`, { body: reason })

  for (let twice = 0; twice < 2; twice++) await call('POST', `${trail}/channels`, { body: sampleChannel('driven') })
  await call('GET', `${trail}/channels`)
  await call('GET', '/v1/trackers/nowhere/channels')
  for (const id of ['driven', 'none']) {
    await call('GET', `${trail}/channels/${id}`)
    await call('GET', `${trail}/channels/${id}/messages`)
    await call('PUT', `${trail}/channels/${id}`, { body: { name: 'Another name', isOn: false } })
    await call('POST', `${trail}/channels/${id}/test`)
    await call('POST', `${trail}/channels/${id}/resend`)
    await call('POST', `${trail}/channels/${id}/messages/none/resend`)
  }
  for (const id of ['driven', 'driven']) await call('DELETE', `${trail}/channels/${id}`)
}

async function driveRules(call: Client['call'], trail: string, reason: object): Promise<void> {
  for (let twice = 0; twice < 2; twice++) await call('POST', `${trail}/rules`, { body: { rule: sampleRule('driven') } })
  await call('GET', `${trail}/rules`)
  await call('GET', '/v1/trackers/nowhere/rules')
  for (const id of ['driven', 'none']) {
    await call('GET', `${trail}/rules/${id}`)
    await call('GET', `${trail}/rules/${id}/versions`)
    await call('PUT', `${trail}/rules/${id}`, { body: { rule: { ...sampleRule(id), name: 'Another' } } })
    await call('POST', `${trail}/rules/${id}/enable`, { body: reason })
    await call('POST', `${trail}/rules/${id}/disable`, { body: reason })
    await call('DELETE', `${trail}/rules/${id}`, { body: reason })
  }
  await call('POST', `${trail}/rules/test`, { body: { rule: sampleRule('tested') } })
  await call('POST', `${trail}/rules/test`, { body: { rule: {} } })
  const document = await call<object>('GET', `${trail}/rules/export`)
  await call('GET', '/v1/trackers/nowhere/rules/export')
  await call('POST', `${trail}/rules/import`, { body: { ...document.json, ...reason } })
  await call('POST', `${trail}/rules/import`, { body: { format: 'other', ...reason } })
  const calendar = { name: 'Night', zone: 'UTC', hours: { '1': [['22:00', '24:00']] }, holidays: [] }
  await call('PUT', `${trail}/calendars/night`, { body: calendar })
  await call('PUT', `${trail}/calendars/night`, { body: { ...calendar, zone: 'Nowhere' } })
  await call('GET', `${trail}/calendars`)
  await call('GET', '/v1/trackers/nowhere/calendars')
  for (const id of ['night', 'night']) await call('DELETE', `${trail}/calendars/${id}`)
}

/** An alert of a shipped rule: a key is deleted until there is one. */
async function firstAlert(client: Client, trail: string): Promise<string> {
  const id = await client.createKey('to be alerted of')
  await client.call('DELETE', `/api/v2/keys/${id}`)
  for (const began = performance.now(); performance.now() - began < 10_000;) {
    const { json } = await client.call<{ alerts: { id: string }[] }>('GET', `${trail}/alerts?rule=key-deleted`)
    if (json.alerts[0] !== undefined) return json.alerts[0].id
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('no alert came')
}
