/** `keywitness kmip certificates …`: who may use a KMIP adapter. */
import type { Command } from 'commander'
import { examples, withInstance } from '../command-options.ts'
import { readInput } from '../input-file.ts'
import { envelope, type InstanceOptions, kmsPath, openKms } from '../kms-api.ts'
import { printable } from '../printable.ts'
import { memberText, printList, printOne } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options extends InstanceOptions {
  readonly json?: boolean
}

interface AddOptions extends Options {
  readonly name?: string
}

export function addKmipCertificates(certificates: Command, io: Surroundings): void {
  const list = withInstance(certificates.command('list'))
    .description('the client certificates of a KMIP adapter')
    .argument('<adapter>', "the adapter's id or name")
    .option('--json', 'as JSON')
    .action(async (adapter: string, options: Options) => {
      const path = kmsPath`/kmip_adapters/${adapter}/certificates`
      const found = await (await openKms(io, options)).resources('GET', path, { query: { limit: 200 } })
      printList(io, options.json, 'certificates', found, [
        { title: 'id' },
        { title: 'name', isWide: true },
        { title: 'created', of: (certificate) => memberText(certificate, 'created_at') },
      ])
    })
  examples(list, 'kmip certificates list vcenter')

  const add = withInstance(certificates.command('add'))
    .description('let the owner of a certificate use a KMIP adapter')
    .argument('<adapter>', "the adapter's id or name")
    .argument('<file>', 'the certificate, PEM (- is the standard input)')
    .option('--name <name>', 'what it is called: letters, digits, - and _')
    .option('--json', 'as JSON')
    .action(async (adapter: string, file: string, options: AddOptions) => {
      const certificate = (await readInput(file)).toString('utf8')
      const resource = { certificate, ...(options.name === undefined ? {} : { name: options.name }) }
      const json = envelope('kmip_client_certificate', resource)
      const path = kmsPath`/kmip_adapters/${adapter}/certificates`
      printOne(io, options.json, await (await openKms(io, options)).resource('POST', path, { json }))
    })
  examples(add, 'kmip certificates add vcenter host.pem --name host-1')

  const show = withInstance(certificates.command('show'))
    .description('one client certificate of a KMIP adapter')
    .argument('<adapter>', "the adapter's id or name")
    .argument('<certificate>', 'its id or name')
    .option('--json', 'as JSON')
    .action(async (adapter: string, certificate: string, options: Options) => {
      const path = kmsPath`/kmip_adapters/${adapter}/certificates/${certificate}`
      printOne(io, options.json, await (await openKms(io, options)).resource('GET', path))
    })
  examples(show, 'kmip certificates show vcenter host-1')

  const remove = withInstance(certificates.command('delete'))
    .description('cut the owner of a certificate off')
    .argument('<adapter>', "the adapter's id or name")
    .argument('<certificate>', 'its id or name')
    .action(async (adapter: string, certificate: string, options: InstanceOptions) => {
      const path = kmsPath`/kmip_adapters/${adapter}/certificates/${certificate}`
      await (await openKms(io, options)).send('DELETE', path)
      io.out.write(`deleted ${printable(certificate)}\n`)
    })
  examples(remove, 'kmip certificates delete vcenter host-1')
}
