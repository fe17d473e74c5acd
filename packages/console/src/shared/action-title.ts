/** An action by its title of the catalogue: `Delete a key` for `kms.secrets.delete`; one that it does not know by its name. */
import { wordsOf } from '@keywitness/cadf'

export function actionTitle(action: string): string {
  return wordsOf(action)?.title.replace(/\.$/, '') ?? action
}

/** Its first words only, where many stand below each other: `Create a rule` for `Create a rule. It begins turned off`. */
export const actionInShort = (action: string): string => wordsOf(action)?.title.split(/[.:;]/)[0] ?? action
