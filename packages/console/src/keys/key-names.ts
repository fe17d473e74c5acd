/** Names as the service takes them. */

export const aliasPattern = /^[A-Za-z0-9_-]{2,90}$/
export const ringPattern = /^[A-Za-z0-9_-]{2,100}$/
/** The ring of keys that name none. */
export const defaultRing = 'default'
