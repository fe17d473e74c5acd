/** `keywitness cert`: certificates that clients of EP11 must show besides their token, and the keys that rule over them. */
import type { Command } from 'commander'
import type { Surroundings } from '../surroundings.ts'
import { addCertAdminKey } from './cert-adminkey.ts'
import { addCertCertificates } from './cert-certificates.ts'
import { addCertConnect } from './cert-connect.ts'
import { addCertMake } from './cert-make.ts'
import { addCertRecover } from './cert-recover.ts'
import { addCertStatus } from './cert-status.ts'
import { addCertTranscript } from './cert-transcript.ts'

export function addCertCommands(program: Command, io: Surroundings): void {
  const cert = program
    .command('cert')
    .description('mutual TLS of EP11: who issues the certificates of clients, signed by administrators on this machine')
  addCertStatus(cert, io)
  addCertAdminKey(cert, io)
  addCertCertificates(cert, io)
  addCertConnect(cert, io)
  addCertTranscript(cert, io)
  addCertMake(cert, io)
  addCertRecover(cert, io)
}
