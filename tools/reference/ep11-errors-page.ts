/** docs/reference/ep11-errors.md: every return value of EP11 with what it is in gRPC and in an event. */
import { returnValues } from '../../packages/crypto-unit/src/ep11/return-values.ts'
import { allStatuses, grpcStatuses } from '../../packages/server/src/ep11/return-statuses.ts'
import { table } from './markdown.ts'

export function ep11ErrorsPage(): string {
  const rows = allStatuses().map(([value, { grpc, status, retry }]) => [
    `\`${value}\``,
    `0x${returnValues[value].toString(16)}`,
    `${grpcStatuses[grpc]} ${grpc}`,
    String(status),
    retry ? 'yes' : '',
  ])
  return `# Errors of EP11

<!-- Written by \`npm run generate\` from packages/server/src/ep11/return-statuses.ts. -->

A call of GREP11 that fails ends with a status of gRPC and, in the trailer \`grpc-status-details-bin\`, a \`google.rpc.Status\`
with exactly one detail of the type \`type.googleapis.com/grep11.Grep11Error\`: \`code\` is the return value, \`detail\` its name
and a sentence, \`retry\` whether the same call may succeed when it is made again. The status message begins with the name of
the return value, too.

The event of the call has the status of HTTP that comes closest as \`reason.reasonCode\`, and the name of the return value at
the end of \`reason.reasonForFailure\`. Which status goes with which value is our own choice: it is published nowhere.
\`CKR_SIGNATURE_INVALID\` is the answer to a verification that was carried out, and yet a call that failed.

Refusals of the server itself have a return value each in [the table of errors](errors.md). A call that is too long for the
listener, or whose time is over, ends with a status alone. An identifier that is taken and a version that is not the one there is are
\`CKR_GREP11_CONFLICT\` without \`retry\`.

${table(['return value', 'number', 'status of gRPC', 'in the event', 'retry'], rows)}
`
}
