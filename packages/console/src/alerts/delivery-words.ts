/** Why nothing reaches a channel, in words: the server's codes of attempts that failed. */
import type { TFunction } from 'i18next'

const codes = [
  'ADDRESS_REFUSED',
  'NAME_NOT_FOUND',
  'NO_CONNECTION',
  'TLS',
  'TIMEOUT',
  'REDIRECT',
  'GONE',
  'BAD_ANSWER',
  'AUTH',
  'BAD_SETTINGS',
  'BAD_MESSAGE',
  'STOPPED',
  'QUEUE_FULL',
] as const

/** What a code means; what is none of them stays as it is. */
export function deliveryWords(code: string, t: TFunction<'alerts'>): string {
  const known = codes.find((each) => each === code)
  if (known !== undefined) return t(`delivery.${known}`)
  const [, protocol, status = ''] = /^(STATUS|SMTP)_(\d{3})$/.exec(code) ?? []
  if (protocol === undefined) return code
  return t(protocol === 'SMTP' ? 'delivery.SMTP' : 'delivery.STATUS', { status })
}
