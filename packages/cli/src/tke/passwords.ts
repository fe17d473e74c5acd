/** Where the passwords of key and part files come from: files given for them, else a person, who does not see them. */
import { CliError } from '../cli-error.ts'
import { readInput } from '../input-file.ts'
import type { Surroundings } from '../surroundings.ts'

/** The shortest password taken for a new file, in characters. */
const PASSWORD_CHARACTERS_MIN = 8
const passwordBytesMax = 4_096

export class Passwords {
  readonly #io: Surroundings
  /** By the file they are for; under the empty name the one for all others. */
  readonly #files = new Map<string, string>()
  /** Of files that were made in this run. */
  readonly #made = new Map<string, string>()
  /** What was read already: the standard input can be read once only. */
  readonly #read = new Map<string, string>()

  /**
   * @param given `<file of the password>`, or `<key or part file>=<file of the password>`
   * @throws CliError `BAD_INPUT` when one is given twice
   */
  constructor(io: Surroundings, given: readonly string[] = []) {
    this.#io = io
    for (const one of given) {
      const [, name = '', file = ''] = /^(?:([\w.~-]+)=)?(.+)$/.exec(one) ?? []
      if (file === '') throw new CliError('BAD_INPUT', '--password-file names no file')
      if (this.#files.has(name)) {
        const what = name === '' ? 'all files' : name
        throw new CliError('BAD_INPUT', `--password-file is given twice for ${what}`)
      }
      this.#files.set(name, file)
    }
  }

  /** The password of a file that exists. @param name such as `1.sigkey` */
  async of(name: string, description: string): Promise<string> {
    const given = this.#made.get(name) ?? (await this.#given(name))
    if (given !== undefined) return given
    const what = description === '' ? name : `${name} (${description})`
    if (this.#io.ask !== undefined) return this.#io.ask(`Password of ${what}: `)
    throw new CliError('BAD_INPUT', `the password of ${name} is needed`, `give --password-file ${name}=<file>`)
  }

  /** The password of a file to be made; a person types it twice. */
  async ofNew(what: string): Promise<string> {
    const given = await this.#given('')
    if (given !== undefined) return longEnough(given)
    if (this.#io.ask === undefined) {
      throw new CliError('BAD_INPUT', `a password for ${what} is needed`, 'give --password-file')
    }
    const first = longEnough(await this.#io.ask(`Password for ${what}: `))
    if ((await this.#io.ask('The same again: ')) === first) return first
    throw new CliError('BAD_INPUT', 'the passwords differ', 'nothing was made; begin again')
  }

  /** Nobody types a password again for the file that was just made with it. */
  keep(name: string, password: string): void {
    this.#made.set(name, password)
  }

  async #given(name: string): Promise<string | undefined> {
    const file = this.#files.get(name) ?? this.#files.get('')
    if (file === undefined) return undefined
    const known = this.#read.get(file)
    if (known !== undefined) return known
    const password = (await readInput(file, passwordBytesMax)).toString('utf8').replace(/\r?\n$/, '')
    if (password === '') throw new CliError('BAD_INPUT', `${file} is empty`)
    this.#read.set(file, password)
    return password
  }
}

function longEnough(password: string): string {
  if (password.length >= PASSWORD_CHARACTERS_MIN) return password
  throw new CliError('BAD_INPUT', `a password has at least ${PASSWORD_CHARACTERS_MIN} characters`)
}
