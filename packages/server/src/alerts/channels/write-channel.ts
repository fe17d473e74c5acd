/** What a request makes of a channel: its settings and secret checked, and nothing sent where the secret was not meant for. */
import { hash } from 'node:crypto'
import { canonicalJson } from '@keywitness/cadf'
import { Refusal } from '../../errors.ts'
import type { AddressRule } from '../../outbound/addresses.ts'
import type { TargetKind } from '../../outbound/targets.ts'
import type { ChannelRow } from './channel-rows.ts'
import { ChannelSettingsError, type CheckedSettings, checkSecret, checkSettings, settingsShown } from './settings.ts'

/** Settings that say where a secret goes, by kind: whoever changes one of them must know it. */
const secretGoesBy: Readonly<Partial<Record<TargetKind, readonly string[]>>> = {
  email: ['host', 'port', 'security', 'user', 'ca'],
  pagerduty: ['url', 'ca'],
  slack: ['ca'],
  teams: ['ca'],
}

/** @throws Refusal INVALID_FIELD_ERR */
export function readSettings(kind: TargetKind, value: unknown, addresses: AddressRule): CheckedSettings {
  return checked(() => checkSettings(kind, value, addresses))
}

/** @throws Refusal INVALID_FIELD_ERR */
export function readSecret(kind: TargetKind, value: unknown, addresses: AddressRule): string | undefined {
  return checked(() => checkSecret(kind, value, addresses))
}

/**
 * A stored secret never goes anywhere that whoever gave it did not name.
 * @throws Refusal INVALID_FIELD_ERR
 */
export function refuseSecretElsewhere(before: ChannelRow, after: CheckedSettings, hasSecret: boolean): void {
  if (!hasSecret) return
  const known = settingsShown(before) as Readonly<Record<string, unknown>>
  const moved = (secretGoesBy[before.kind] ?? []).some((name) => known[name] !== after.settings[name])
  if (!moved) return
  throw new Refusal('INVALID_FIELD_ERR', {
    message: 'With these settings the stored secret would go elsewhere: give it again.',
    at: { type: 'field', name: 'secret' },
  })
}

export interface ChannelFacts {
  readonly name: string
  readonly minimum: string
  readonly isOn: boolean
  readonly settings: object
}

/**
 * Of an event: the channel without its secret. Certificate authorities are public, and long; the path of a URL is often
 * a token that lets whoever has it write there, and more people read events than may see channels.
 */
export function settingsText({ name, minimum, isOn, settings }: ChannelFacts): string {
  const { ca, url, ...plain } = settings as { readonly ca?: unknown; readonly url?: string }
  const hidden = { ...(ca === undefined ? {} : { ca: 'set' }), ...(url === undefined ? {} : { url: urlText(url) }) }
  const shown = { name, minimum, isOn, settings: { ...plain, ...hidden } }
  return canonicalJson(shown)
}

/** Where it goes, and a mark by which one URL is told from another. */
function urlText(url: string): string {
  return `${new URL(url).origin} (SHA-256 ${hash('sha256', url).slice(0, 16)})`
}

export function factsOfRow(row: ChannelRow): ChannelFacts {
  return { name: row.name, minimum: row.minimum, isOn: row.isOn === 1, settings: settingsShown(row) }
}

function checked<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ChannelSettingsError)) throw error
    throw new Refusal('INVALID_FIELD_ERR', { message: error.message, at: { type: 'field', name: error.field } })
  }
}
