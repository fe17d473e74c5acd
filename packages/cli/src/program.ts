/** The whole command line: every command in its group, with what the program says of itself. */
import tab from '@bomb.sh/tab/commander'
import { Command } from 'commander'
import { addAdopters } from './commands/adopters.ts'
import { addAdopterAcknowledging } from './commands/adopters-acknowledge.ts'
import { addAdopterNotifications } from './commands/adopters-notifications.ts'
import { addAlerts } from './commands/alerts.ts'
import { addAlertsMutes } from './commands/alerts-mutes.ts'
import { addAlertsStatus } from './commands/alerts-status.ts'
import { addAlertsSteps } from './commands/alerts-steps.ts'
import { addAlertsWatch } from './commands/alerts-watch.ts'
import { addAliases } from './commands/aliases.ts'
import { addCertCommands } from './commands/cert.ts'
import { addChannels } from './commands/channels.ts'
import { addChannelsMessages } from './commands/channels-messages.ts'
import { addChannelsWriting } from './commands/channels-write.ts'
import { addEventsAttachment } from './commands/events-attachment.ts'
import { addEventsExport } from './commands/events-export.ts'
import { addEventsContext } from './commands/events-context.ts'
import { addEventsFields } from './commands/events-fields.ts'
import { addEventsList } from './commands/events-list.ts'
import { addEventsReceipt } from './commands/events-receipt.ts'
import { addEventsShow } from './commands/events-show.ts'
import { addEventsSummaries } from './commands/events-summaries.ts'
import { addEventsTail } from './commands/events-tail.ts'
import { addEventsViews } from './commands/events-views.ts'
import { addEvidenceExport } from './commands/evidence-export.ts'
import { addEvidenceMake } from './commands/evidence-make.ts'
import { addEvidenceVerify } from './commands/evidence-verify.ts'
import { addIamKeysCreate } from './commands/iam-keys-create.ts'
import { addIamKeysList } from './commands/iam-keys-list.ts'
import { addIamServiceIdsCreate } from './commands/iam-service-ids-create.ts'
import { addIamServiceIdsList } from './commands/iam-service-ids-list.ts'
import { addIamRoles } from './commands/iam-roles.ts'
import { addIamStates, apiKeys, serviceIds, users } from './commands/iam-states.ts'
import { addIamUsers } from './commands/iam-users.ts'
import { addImportToken } from './commands/import-token.ts'
import { addKeysActs } from './commands/keys-act.ts'
import { addKeysCreate } from './commands/keys-create.ts'
import { addKeysDelete } from './commands/keys-delete.ts'
import { addKeysList } from './commands/keys-list.ts'
import { addKeysMove } from './commands/keys-move.ts'
import { addKeysPurge } from './commands/keys-purge.ts'
import { addKeysRotate } from './commands/keys-rotate.ts'
import { addKeysShow, addKeysVersions } from './commands/keys-show.ts'
import { addKeysWrap } from './commands/keys-wrap.ts'
import { addKeystore } from './commands/keystore.ts'
import { addKeystoreKeys } from './commands/keystore-keys.ts'
import { addKmipAdapters } from './commands/kmip-adapters.ts'
import { addKmipAdaptersCreate } from './commands/kmip-adapters-create.ts'
import { addKmipCertificates } from './commands/kmip-certificates.ts'
import { addKmipCertificatesCreate } from './commands/kmip-certificates-create.ts'
import { addKmipConnect } from './commands/kmip-connect.ts'
import { addKmipObjects } from './commands/kmip-objects.ts'
import { addLogCommands } from './commands/log.ts'
import { addHolds } from './commands/holds.ts'
import { addInstancePolicies } from './commands/policies-instance.ts'
import { addKeyPolicies } from './commands/policies-key.ts'
import { addProposals } from './commands/proposals.ts'
import { addRegistrationsList } from './commands/registrations-list.ts'
import { addReport } from './commands/report.ts'
import { addRetention } from './commands/retention.ts'
import { addRings } from './commands/rings.ts'
import { addRules } from './commands/rules.ts'
import { addRulesCalendars } from './commands/rules-calendars.ts'
import { addRulesDocuments } from './commands/rules-documents.ts'
import { addRulesTest } from './commands/rules-test.ts'
import { addRulesWriting } from './commands/rules-write.ts'
import { addSeal } from './commands/seal.ts'
import { addStatus } from './commands/status.ts'
import { addTkeCommands } from './commands/tke.ts'
import { addTrackers } from './commands/trackers.ts'
import { addTrackersRemoved } from './commands/trackers-removed.ts'
import { addVerify } from './commands/verify.ts'
import type { Surroundings } from './surroundings.ts'

const exitCodeHelp = `
Exit codes: 0 good · 1 a verification failed, crypto units differ, or alerting is in trouble · 2 the command line or a
file is wrong · 3 the server cannot be reached, or it or a crypto unit refused.
`

/** Builds the program; its commands act on these surroundings. */
export function createProgram(io: Surroundings, version: string): Command {
  const program = new Command('keywitness')
    .description('Sees, proves and checks what a Keywitness witnessed; makes and changes its keys.')
    .version(version)
    .addHelpText('after', exitCodeHelp)
    .configureOutput({
      writeOut: (text) => io.out.write(text),
      writeErr: (text) => io.err.write(text),
      getOutHelpWidth: () => io.out.columns ?? 100,
      getErrHelpWidth: () => io.err.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride()

  addStatus(program, io)
  const events = program.command('events').description('the trail: who did what')
  addEventsList(events, io)
  addEventsShow(events, io)
  addEventsTail(events, io)
  addEventsSummaries(events, io)
  addEventsContext(events, io)
  addEventsFields(events, io)
  addEventsReceipt(events, io)
  addEventsAttachment(events, io)
  addEventsExport(events, io)
  addEventsViews(events, io)
  const evidence = program.command('evidence').description('events with all that proves them, in one file')
  addEvidenceMake(evidence, io)
  addEvidenceVerify(evidence, io)
  addEvidenceExport(evidence, io)
  addReport(program, io)
  addVerify(program, io)
  addLogCommands(program, io)
  const trackers = program.command('trackers').description('where events are kept')
  addTrackers(trackers, io)
  addTrackersRemoved(trackers, io)
  addProposals(program.command('proposals').description('what weakens the audit, and takes two people'), io)
  addRetention(program.command('retention').description('for how long events are kept'), io)
  addHolds(program.command('holds').description('legal holds: what they cover is copied before it may leave'), io)
  addAlertCommands(program, io)
  addKeyCommands(program, io)
  addSeal(program.command('seal').description('what opens sealed state: its file, while the server runs or not'), io)
  addIamCommands(program, io)
  addTkeCommands(program, io)
  tab(program, { completionCommandName: 'completion' })
  return program
}

function addAlertCommands(program: Command, io: Surroundings): void {
  const alerts = program.command('alerts').description('what rules have told of, and whether silence can be trusted')
  addAlerts(alerts, io)
  addAlertsSteps(alerts, io)
  addAlertsMutes(alerts, io)
  addAlertsStatus(alerts, io)
  addAlertsWatch(alerts, io)
  const rules = program.command('rules').description('what of the trail people are told of')
  addRules(rules, io)
  addRulesWriting(rules, io)
  addRulesTest(rules, io)
  addRulesDocuments(rules, io)
  addRulesCalendars(rules.command('calendars').description('working hours that rules count by'), io)
  const channels = program.command('channels').description('where people are told of alerts')
  addChannels(channels, io)
  addChannelsWriting(channels, io)
  addChannelsMessages(channels, io)
}

function addKeyCommands(program: Command, io: Surroundings): void {
  const keys = program.command('keys').description('the keys of a service instance')
  addKeysList(keys, io)
  addKeysShow(keys, io)
  addKeysVersions(keys, io)
  addKeysCreate(keys, io)
  addKeysMove(keys, io)
  addKeysWrap(keys, io)
  addKeysRotate(keys, io)
  addKeysActs(keys, io)
  addKeysDelete(keys, io)
  addKeysPurge(keys, io)
  addAliases(program.command('aliases').description('other names of keys'), io)
  addRings(program.command('rings').description('key rings: groups of keys that roles can be granted on'), io)
  const policies = program.command('policies').description('the policies of keys and service instances')
  addKeyPolicies(policies, io)
  addInstancePolicies(policies, io)
  const registrations = program.command('registrations').description('what is protected by which key')
  addRegistrationsList(registrations, io)
  const adopters = program.command('adopters').description('services that are told what happens to their keys')
  addAdopters(adopters, io)
  addAdopterAcknowledging(adopters, io)
  addAdopterNotifications(adopters, io)
  addImportToken(program.command('import-token').description('encrypts material on its way into a root key'), io)
  addKmipCommands(program, io)
  const keystores = program
    .command('keystore')
    .description('EP11 keystores: where PKCS #11 keeps keys and certificates')
  addKeystore(keystores, io)
  addKeystoreKeys(keystores, io)
  addCertCommands(program, io)
}

function addKmipCommands(program: Command, io: Surroundings): void {
  const kmip = program.command('kmip').description('what the KMIP listener serves, and to whom')
  const adapters = kmip.command('adapters').description('root keys bound to clients that speak KMIP')
  addKmipAdapters(adapters, io)
  addKmipAdaptersCreate(adapters, io)
  const certificates = kmip.command('certificates').description('who may use a KMIP adapter')
  addKmipCertificates(certificates, io)
  addKmipCertificatesCreate(certificates, io)
  addKmipObjects(kmip.command('objects').description('what the clients of a KMIP adapter made'), io)
  addKmipConnect(kmip, io)
}

function addIamCommands(program: Command, io: Surroundings): void {
  const iam = program.command('iam').description('who may sign in, and do what')
  const people = iam.command('users').description('people')
  addIamUsers(people, io)
  addIamStates(people, io, users)
  const programs = iam.command('service-ids').description('identities for programs')
  addIamServiceIdsList(programs, io)
  addIamServiceIdsCreate(programs, io)
  addIamStates(programs, io, serviceIds)
  const keys = iam.command('keys').description('API keys')
  addIamKeysList(keys, io)
  addIamKeysCreate(keys, io)
  addIamStates(keys, io, apiKeys)
  addIamRoles(iam.command('roles').description('who may do what'), io)
}
