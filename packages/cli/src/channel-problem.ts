/** Why nothing reaches a channel, in words: the server's codes of failed attempts. */

const words: Readonly<Record<string, string>> = {
  ADDRESS_REFUSED:
    'the server may not send to that address (KEYWITNESS_OUTBOUND_PRIVATE lists private ones that it may)',
  NAME_NOT_FOUND: 'its host has no address',
  NO_CONNECTION: 'nobody takes connections there',
  TLS: 'TLS failed, or its certificate is not trusted (--ca-file trusts an authority of your own)',
  TIMEOUT: 'no answer in time',
  REDIRECT: 'it answered with a redirect, which is never followed',
  GONE: 'it wants no more messages (410)',
  BAD_ANSWER: 'its answer could not be understood',
  AUTH: 'it wants other credentials',
  BAD_SETTINGS: 'what is stored of it cannot be read: give settings and secret again',
  BAD_MESSAGE: 'the message in the queue cannot be read',
  STOPPED: 'the server was stopped meanwhile',
}

/** A code with what it means. */
export function problemWords(code: string): string {
  const [, protocol, status] = /^(STATUS|SMTP)_(\d{3})$/.exec(code) ?? []
  if (protocol !== undefined) return `it answered ${status ?? ''}${protocol === 'SMTP' ? ' (mail server)' : ''}`
  return Object.hasOwn(words, code) ? (words[code] ?? code) : code
}
