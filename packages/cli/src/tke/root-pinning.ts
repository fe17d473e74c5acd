/** Which device root is trusted for an instance: pinned from a file, or on first use and said so; never changed in silence. */
import { type DeviceRoot, rootOf } from '@keywitness/crypto-unit/tke/device-certificate'
import { publicKeyOfPoint } from '@keywitness/crypto-unit/tke/p521'
import { CliError } from '../cli-error.ts'
import { readJson } from '../json-file.ts'
import type { Surroundings } from '../surroundings.ts'
import type { Contexts } from './contexts.ts'
import { parseRoot, type TkeApi } from './tke-api.ts'

/** A root as an operator published it. @throws CliError `BAD_INPUT` */
export async function readRootFile(path: string): Promise<DeviceRoot> {
  try {
    return consistent(parseRoot(await readJson(path), path))
  } catch (error) {
    if (error instanceof CliError && error.code === 'BAD_ANSWER') {
      throw new CliError('BAD_INPUT', error.message, error.advice)
    }
    throw error
  }
}

/** The root that the server shows, when it is one. */
export async function shownRoot(api: TkeApi): Promise<DeviceRoot> {
  return consistent(await api.root())
}

/**
 * The root that answers are verified under.
 *
 * @throws CliError `VERIFICATION_FAILED` when the server or the file shows another one than is pinned
 */
export async function trustedRoot(
  io: Surroundings,
  api: TkeApi,
  contexts: Contexts,
  file: string | undefined,
): Promise<DeviceRoot> {
  const given = file === undefined ? undefined : await readRootFile(file)
  const pinned = await contexts.root(api)
  if (pinned !== undefined && given !== undefined && !isSame(pinned, given)) {
    throw otherRoot(`${file} holds ${given.ski}`, pinned)
  }
  const shown = await shownRoot(api)
  const trusted = pinned ?? given
  if (trusted !== undefined && !isSame(trusted, shown)) throw otherRoot(`${api.origin} shows ${shown.ski}`, trusted)
  if (pinned === undefined) {
    await contexts.pin(api, shown, given === undefined ? 'on first use' : 'from a file')
    if (given === undefined) io.err.write(firstUse(api, shown))
  }
  return shown
}

function firstUse(api: TkeApi, { ski }: DeviceRoot): string {
  return (
    `First contact with the crypto units of instance ${api.instance} at ${api.origin}.\n` +
    `Their device root is now pinned; compare its SKI with what the operator published:\n  ${ski}\n` +
    'Better is to pin what was published: keywitness tke root --pin <file>\n'
  )
}

function otherRoot(what: string, pinned: DeviceRoot): CliError {
  return new CliError(
    'VERIFICATION_FAILED',
    `the device root is not the pinned one: ${what}, and ${pinned.ski} is pinned`,
    'somebody may stand between you and the crypto units; if the operator confirms a new root, ' +
      'pin it with keywitness tke root --pin <file>',
  )
}

export function isSame(a: DeviceRoot, b: DeviceRoot): boolean {
  return a.ski === b.ski && a.x === b.x && a.y === b.y
}

/** The identifier people compare must be the hash of the key that verifies. */
function consistent(root: DeviceRoot): DeviceRoot {
  let computed: string | undefined
  try {
    computed = rootOf(publicKeyOfPoint(Buffer.from(`04${root.x}${root.y}`, 'hex'))).ski
  } catch {
    // Not a point of the curve: told below like any other identifier that does not fit.
  }
  if (computed === root.ski) return root
  throw new CliError('VERIFICATION_FAILED', 'the device root’s SKI is not the hash of its key')
}
