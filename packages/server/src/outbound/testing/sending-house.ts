/** A sender for tests: the real queue in memory, a clock that stands, attempts over real sockets. */
import { createHash, randomBytes } from 'node:crypto'
import { uuidv7 } from '@keywitness/cadf'
import { createSealer } from '../../seal.ts'
import type { Clock } from '../../clock.ts'
import type { Change, Store } from '../../store/store.ts'
import { type AuditHouse, openAuditHouse } from '../../testing/audit-house.ts'
import { addressRule } from '../addresses.ts'
import { systemResolver } from '../attempt.ts'
import { type Messages, type NewMessage, queueMessage, readMessages } from '../messages.ts'
import type { Carriers } from '../carrier.ts'
import { emailCarrier } from '../carriers/email.ts'
import { httpPostCarrier } from '../carriers/http-post.ts'
import { syslogCarrier } from '../carriers/syslog.ts'
import { webhookCarrier } from '../carriers/webhook.ts'
import { Sender, type SenderParts } from '../sender.ts'
import { insertTarget, newSigningSecret, readTargets, type TargetKind } from '../targets.ts'

const account = 'a'.repeat(32)

export interface SendingHouse extends Pick<AuditHouse, 'store' | 'clock' | 'logged'> {
  readonly sender: Sender
  readonly messages: Messages
  readonly sealer: ReturnType<typeof createSealer>
  /** Makes a target; answers its id and secret. */
  target(url: string): { id: string; secret: string }
  /** Makes a target of another kind; answers its id. */
  channel(kind: TargetKind, settings: object, secret?: string): string
  /** Queues a message for a target; answers its id. */
  queue(target: string, body?: object, expiresInMs?: number): string
  /** Looks at the queue and waits until everything this began, and what follows from it, is written down. */
  turn(): Promise<void>
  /** Another sender on the same store, as after a restart. */
  another(options?: Partial<SenderParts>): Sender
}

export function openSendingHouse(options: Partial<SenderParts> = {}): SendingHouse {
  const { store, clock, logged, log } = openAuditHouse()
  store.run(
    `INSERT INTO accounts (id, name, home, operator, created_at, created_by) VALUES (?, 'a', 'us-south', 1, 0, 'nobody')`,
    [account],
  )
  const sealer = createSealer(createHash('sha256').update('test seal').digest())
  const messages = readMessages(store)
  let open = 0
  let quiet = (): void => undefined
  const carry = async (changes: readonly Change[]): Promise<void> => apply(store, changes)
  const parts: SenderParts = {
    messages,
    targets: readTargets(store, sealer),
    addresses: addressRule(['127.0.0.0/8', '::1']),
    resolve: systemResolver(),
    clock,
    random: (bytes) => new Uint8Array(bytes),
    log,
    carry,
    giveUp: async (_message, _problem, changes) => carry(changes),
    noted: () => [],
    isHeld: () => false,
    attempted: () => undefined,
    carriers: testCarriers(clock),
    attemptMs: 300,
    ...options,
  }
  const watched: SenderParts = {
    ...parts,
    resolve: parts.resolve,
    carry: async (changes) => {
      await parts.carry(changes)
      done()
    },
    giveUp: async (message, problem, change) => {
      await parts.giveUp(message, problem, change)
      done()
    },
  }
  function done(): void {
    open -= 1
    if (open === 0) quiet()
  }
  const sender = new Sender(watched)
  return {
    store,
    clock,
    logged,
    sender,
    messages,
    sealer,
    target: (url) => {
      const id = uuidv7(clock.now(), randomBytes(10))
      const secret = newSigningSecret(randomBytes)
      apply(store, insertTarget({ id, account, url, createdAt: clock.now(), createdBy: 'nobody' }, secret, sealer))
      return { id, secret }
    },
    channel: (kind, settings, secret = '') => {
      const id = uuidv7(clock.now(), randomBytes(10))
      const text = JSON.stringify(settings)
      const target = { id, account, kind, url: '', settings: text, createdAt: clock.now(), createdBy: 'nobody' }
      apply(store, insertTarget(target, secret, sealer))
      return id
    },
    queue: (target, body = { hello: 'world' }, expiresInMs = 4 * 3_600_000) => {
      const id = uuidv7(clock.now(), randomBytes(10))
      const message: NewMessage = {
        id,
        target,
        type: 'test.message',
        body: JSON.stringify(body),
        expiresAt: clock.now() + expiresInMs,
      }
      apply(store, [queueMessage(message, clock.now())])
      return id
    },
    turn: async () => {
      open = messages
        .dueTargets(clock.now())
        .reduce((sum, { target }) => sum + messages.due(target, clock.now(), 1_000).length, 0)
      if (open === 0) return
      const turned = new Promise<void>((resolve) => (quiet = resolve))
      sender.look()
      await turned
    },
    another: (more = {}) => new Sender({ ...parts, ...more }),
  }
}

/** Carriers that show a message as its body, whatever it is. */
function testCarriers(clock: Pick<Clock, 'now'>): Carriers {
  const agent = 'Keywitness/test'
  const post = httpPostCarrier(agent, ({ body }, { url }, secret) =>
    body === '"nothing"' ? undefined : { url: url ?? secret, bodies: [body] },
  )
  return {
    webhook: webhookCarrier({ clock, agent }),
    slack: post,
    teams: post,
    pagerduty: httpPostCarrier(agent, ({ body }, { url }, secret) => ({ url: url ?? secret, bodies: [body, body] })),
    email: emailCarrier(({ id, body }) => ({
      subject: 'Message',
      text: body,
      html: `<p>${body}</p>`,
      messageId: `<${id}@keywitness.test>`,
      isUrgent: false,
    })),
    syslog: syslogCarrier(({ body }) => `<134>1 - keywitness.test keywitness - test - \ufeff${body}`),
  }
}

function apply(store: Store, changes: readonly Change[]): void {
  for (const { sql, params, rows } of changes) {
    const found = store.run(sql, params)
    if (found !== rows) throw new Error(`a change affected ${found} rows, not ${rows}: ${sql}`)
  }
}
