/** An action by the first words of its title: `Create a rule` where the catalogue says `Create a rule. It begins turned off.` */
import { wordsOf } from '@keywitness/cadf'

/** One that the catalogue does not know by its name. */
export const actionTitle = (action: string): string => wordsOf(action)?.title.split(/[.:]/)[0] ?? action
