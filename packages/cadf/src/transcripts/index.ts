/** What events tell when they are read together: ceremonies of crypto units, and commands of certificate administrators. */
export {
  isOfCeremony,
  type Person,
  personText,
  type ProvedEvent,
  signedText,
  type Step,
  type Transcript,
  transcriptOf,
  type UnitAccount,
  type UnitFacts,
} from './ceremony.ts'
export { certificateActions, isOfCertificates } from './command-evidence.ts'
export {
  type AdministratorAccount,
  type AdministratorInForce,
  type Command,
  type CommandHistory,
  historyOf,
  type InForce,
  type KeyAccount,
  type LoggedEvent,
  type Person as Administrator,
  type Verdict,
} from './command-history.ts'
