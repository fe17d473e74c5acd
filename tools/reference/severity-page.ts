/** The page `docs/reference/severity.md`: the whole severity function as tables, with every assigned value named. */
import { catalogue, statusSeverity } from '@keywitness/cadf'
import { families } from './families.ts'
import { code, page, table } from './markdown.ts'

export function severityPage(): string {
  const assigned = catalogue.all().filter(({ severitySource }) => severitySource === 'assigned')
  const theirs = assigned.filter(({ source }) => source !== 'extension')
  return page([
    '# Severity',
    'Made from the catalogue by `npm run generate`; a test fails when this page is stale.',
    [
      'The severity of an event is the most severe of three: that of its action (or of the variant of the action), that of its status',
      'code, and for a failure at least `warning`. An authentication or authorisation failure outranks every other fault of the same',
      'request: the services look for it first. Every Trusted Key Entry event is `critical`, whatever its outcome.',
    ].join('\n'),
    '## By status code',
    table(
      ['severity', 'status codes'],
      [
        ['critical', `${statusSeverity.critical.join(', ')}; 400 for Trusted Key Entry`],
        ['warning', `${statusSeverity.warning.join(', ')}; every other code of a failure`],
        ['normal', 'none'],
      ],
    ),
    '## By action',
    '*documented*: the published severity table names the action. *assigned*: it does not, and the value is ours.',
    ...families().flatMap(({ title, entries }) => [
      `### ${title}`,
      table(
        ['action', 'severity', 'source', 'of a failure'],
        entries.flatMap((entry) => [
          [code(entry.action), entry.severity, entry.severitySource, entry.failureSeverity ?? 'by code'],
          ...(entry.variants ?? []).map((variant) => [
            `${code(entry.action)}, variant ${variant.name}`,
            variant.severity,
            variant.severitySource,
            'by code',
          ]),
        ]),
      ),
    ]),
    '## Assigned values',
    `${theirs.length} documented actions have no severity in the published table; these values are assigned here:`,
    table(
      ['action', 'severity'],
      theirs.map(({ action, severity }) => [code(action), severity]),
    ),
    [
      'The published table names `hs-crypto.instance-policies.write` with a doubled prefix and `hs-crypto.mtlscert-cert.set` twice; the',
      'first is read as meant, and the second row is taken to mean `hs-crypto.mtlscert-cert.delete`, whose value is assigned all the same.',
      'All actions marked *ours* in [events](events.md) have assigned values.',
    ].join('\n'),
  ])
}
