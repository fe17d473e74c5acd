/** The reason of an event: the phrase of its status code (IANA HTTP Status Code Registry), and the code of its refusal. */
import type { ActivityEvent } from './event.ts'

const phrases: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length Required',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  417: 'Expectation Failed',
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  423: 'Locked',
  424: 'Failed Dependency',
  425: 'Too Early',
  426: 'Upgrade Required',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  451: 'Unavailable For Legal Reasons',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
  507: 'Insufficient Storage',
  508: 'Loop Detected',
}

const classes = ['', 'Informational', 'Success', 'Redirection', 'Client Error', 'Server Error'] as const

/** Phrase of an HTTP status; the name of its class for a code without one. */
export function reasonTypeOf(code: number): string {
  return phrases[code] ?? classes[Math.floor(code / 100)] ?? 'Unknown'
}

/** The stable code of a refusal, which ends `reason.reasonForFailure` in brackets; undefined for none. */
export function refusalOf({ reasonForFailure }: Pick<ActivityEvent['reason'], 'reasonForFailure'>): string | undefined {
  return /\(([A-Z][A-Z0-9_]*)\)$/.exec(reasonForFailure ?? '')?.[1]
}

/** How a refusal is told: its text, which may change, and its code, which does not. */
export function reasonForRefusal(message: string, code: string): string {
  return `${message} (${code})`
}
