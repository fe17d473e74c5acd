/** x */
import type { Row } from '../harness/row.ts'
export const freshness: Row = { name: 'freshness', title: '', run: () => { throw new Error('x') } }
