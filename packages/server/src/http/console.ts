/** The console's files at `/`: hashed assets cached for ever, its page never, all compressed; one clear page when it was not built. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fastifyStatic } from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { pathSegments } from './request-facts.ts'
import { consolePolicy, dataPolicy } from './security-headers.ts'

const assetAgeS = 365 * 24 * 3_600

/**
 * What a client takes of brotli, gzip and neither is chosen from what the build has left beside each file: nothing is
 * compressed while somebody waits, and each form has its own ETag.
 *
 * @param folder the built console: `index.html`, and files named by their hash below `assets/`
 */
export async function addConsole(app: FastifyInstance, folder: string): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    app.get('/', { schema: { hide: true } }, (_request, reply) =>
      reply.code(503).type('text/html; charset=utf-8').header('content-security-policy', dataPolicy).send(notBuilt),
    )
    return
  }
  await app.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    index: false,
    globIgnore: ['index.html', '**/*.br', '**/*.gz'],
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, file) => {
      const isHashed = file.startsWith(join(folder, 'assets'))
      // The worker obeys the policy it came with, not that of its page.
      reply.header('content-security-policy', consolePolicy)
      reply.header('cache-control', isHashed ? `public, max-age=${assetAgeS}, immutable` : 'no-cache')
    },
  })
  const sendPage = (_request: FastifyRequest, reply: FastifyReply): FastifyReply => reply.sendFile('index.html')
  app.route({ method: ['GET', 'HEAD'], url: '/', schema: { hide: true }, handler: sendPage })
  app.consolePage = (request, reply) => (isPageOfConsole(request) ? sendPage(request, reply) : undefined)
}

/** First segments of what is no page of the console. */
const otherFaces: ReadonlySet<string> = new Set(['api', 'v1', 'identity', 'oidc', 'assets', 'docs', 'metrics'])

/** A browser that opens or reloads an address inside the console; everything else that is not there is not there. */
function isPageOfConsole(request: FastifyRequest): boolean {
  const segments = pathSegments(request)
  return (
    (request.method === 'GET' || request.method === 'HEAD') &&
    (request.headers.accept ?? '').includes('text/html') &&
    !otherFaces.has(segments[0] ?? '') &&
    !segments.some((segment) => segment.includes('.'))
  )
}

const notBuilt = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Keywitness</title>
<h1>The console is not built</h1>
<p>Run <code>npm start</code> from the root of the clone: it builds what is missing. The API works without it:
see <a href="/docs">/docs</a>.</p>
</html>
`
