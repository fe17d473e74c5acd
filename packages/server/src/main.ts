/** The server as a program: `node packages/server/src/main.ts`. Everything else is in run.ts. */
import { runServer } from './run.ts'

await runServer(process.env)
