/** The server with one fault in it, switched by `TESTKIT_FAULT`; for tests only. */
import { runServer } from '@keywitness/server'
import { faultOf } from './faults.ts'

const fault = process.env['TESTKIT_FAULT']
delete process.env['TESTKIT_FAULT']
await runServer(process.env, fault === undefined ? {} : faultOf(fault))
