/** `notification.deliver`: a message to an adopting service becomes a dead letter, with the event that says so. */
import type { Audit } from '../audit.ts'
import type { Caller } from '../caller.ts'
import type { Accounts } from '../iam/accounts.ts'
import { accountCrn, identityCrn } from '../iam/names.ts'
import type { Problem } from '../outbound/attempt.ts'
import type { Message } from '../outbound/messages.ts'
import type { Change } from '../store/store.ts'
import type { Adopters } from './adopters.ts'

export interface GiveUpParts {
  readonly audit: Audit
  readonly accounts: Pick<Accounts, 'find'>
  readonly adopters: Adopters
  readonly cname: string
  readonly systemCaller: (account: string) => Caller
}

/** @throws Refusal when it could not be recorded: then the message is sent once more */
export async function giveUpMessage(
  message: Message,
  problem: Problem,
  changes: readonly Change[],
  { audit, accounts, adopters, cname, systemCaller }: GiveUpParts,
): Promise<void> {
  const adopter = adopters.ofTarget(message.target)
  const account = adopter === undefined ? undefined : accounts.find(adopter.account)
  // Gone meanwhile, and the message with it.
  if (adopter === undefined || account === undefined) return
  await audit.witness(
    'hs-crypto.notification.deliver',
    {
      caller: systemCaller(account.id),
      destination: { account: account.id, location: account.home },
      logSourceCRN: accountCrn(cname, account.id),
    },
    { id: identityCrn(cname, account.id, 'serviceId', adopter.service), name: adopter.name },
    (seen) => {
      seen.request.messageId = message.id
      seen.request.messageType = message.type
      seen.request.attempts = message.attempts + 1
      return { result: undefined, code: 502, changes, failure: `The message was not delivered: ${problem}.` }
    },
  )
}
