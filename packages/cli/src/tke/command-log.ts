/** `commands.jsonl`: every signed command that left here and the unit's signed answer, so that a ceremony can be proved later. */
import { createHash } from 'node:crypto'
import type { StateFolder } from './state-folder.ts'

const FILE = 'commands.jsonl'

export interface CarriedCommand {
  readonly time: string
  readonly server: string
  readonly instance: string
  readonly unit: string
  readonly location: string
  readonly command: string
  /** DER of the `xcpAdminReq`; key parts in it are encrypted to the unit. */
  readonly request: Buffer
  /** DER of the `xcpAdminRsp`; undefined when none came. */
  readonly response: Buffer | undefined
  /** Why none came. */
  readonly failure: string | undefined
}

export class CommandLog {
  readonly #folder: StateFolder

  constructor(folder: StateFolder) {
    this.#folder = folder
  }

  /** Finds out before a command leaves whether it can be kept. @throws CliError `BAD_INPUT` */
  async prepare(): Promise<void> {
    await this.#folder.append(FILE, '')
  }

  /** One line; `requestHash` is what the server's event about this command carries. */
  async add({ request, response, failure, ...rest }: CarriedCommand): Promise<void> {
    const line = {
      ...rest,
      requestHash: createHash('sha256').update(request).digest('hex'),
      request: request.toString('hex'),
      response: response?.toString('hex') ?? null,
      ...(failure === undefined ? {} : { failure }),
    }
    await this.#folder.append(FILE, JSON.stringify(line))
  }
}
