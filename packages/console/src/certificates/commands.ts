/** Commands that an administrator of certificates signs on a machine of their own. */

/** What is named comes from the server: nothing of it is to mean something to a shell. */
const plain = /^[A-Za-z0-9._-]+$/

/** @param command what follows `keywitness cert` */
export function certCommand(command: string, instance: string): string {
  return `keywitness cert ${command} --instance ${plain.test(instance) ? instance : '<guid>'}`
}

export const shellSafe = (text: string, otherwise: string): string => (plain.test(text) ? text : otherwise)
