/** x */
import type { Row } from '../harness/row.ts'
export const start: Row = { name: 'start', title: '', run: () => { throw new Error('x') } }
