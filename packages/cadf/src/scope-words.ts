/** Where a role counts, as events write it, in words: `instance/6d3f/payments` is the key ring payments of the instance 6d3f. */

/** What an instance is called, by its GUID; undefined where the reader does not know. */
export type InstanceName = (guid: string) => string | undefined

/** What is not written as our events write it stays as it is. */
export function scopeInWords(scope: string, instanceName?: InstanceName): string {
  const [kind, id = '', part = '', narrow = '', ...more] = scope.split('/')
  if (scope === 'account') return 'the whole account'
  if (id === '' || more.length > 0) return scope
  if (kind === 'tracker' && part === '') return `the trail of ${id}`
  if (kind !== 'instance') return scope
  const instance = `the instance ${instanceName?.(id) ?? id}`
  if (part === '') return instance
  if (narrow === '') return `the key ring ${part} of ${instance}`
  if (part === 'keystore') return `the keystore ${narrow} of ${instance}`
  return part === 'key' ? `the key ${narrow} of ${instance}` : scope
}
