/** Files of JSON given to a command: a rule, a calendar, settings; what is wrong is named by its line. */
import { CliError } from './cli-error.ts'
import { inputName, readInput } from './input-file.ts'
import { markBelow } from './place-mark.ts'

/** The largest one taken, in bytes: the API takes no larger body. */
const bytesMax = 1024 * 1024

/** @throws CliError `BAD_INPUT` with the line at fault, where there is one */
export async function readJson(path: string): Promise<unknown> {
  const bytes = await readInput(path, bytesMax)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new CliError('BAD_INPUT', `${inputName(path)} is not UTF-8`)
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw notJson(inputName(path), text, (error as SyntaxError).message)
  }
}

/** Only some of the engine's messages say where. */
function notJson(name: string, text: string, message: string): CliError {
  const [said = '', line, column] = / in JSON at position \d+ \(line (\d+) column (\d+)\)$/.exec(message) ?? []
  if (line === undefined || column === undefined) {
    return new CliError('BAD_INPUT', `${name} is no JSON: ${message.replaceAll(/\s+/g, ' ')}`)
  }
  const shown = text.split('\n')[Number(line) - 1] ?? ''
  const marked = markBelow(shown, Number(column) - 1, 1)
  return new CliError('BAD_INPUT', `${name}, line ${line}: ${message.slice(0, -said.length)}`, undefined, marked)
}
