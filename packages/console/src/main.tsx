/** Where the console begins: the sign-in token leaves the address, the session begins, the page is drawn. */
import { createRoot } from 'react-dom/client'
import { createApi } from './api/client.ts'
import { App } from './app/app.tsx'
import './app/mantine.css'
import './app/tokens.css'
import './app/base.css'
import './app/print.css'
import { startContrast } from './app/contrast.ts'
import { type SessionSource, beginSession } from './app/session.tsx'
import { takeSignInToken } from './app/sign-in-link.ts'
import { startTexts } from './i18n/texts.ts'
import { startWorkerProver } from './proof/worker-prover.ts'

const token = takeSignInToken(window.location, window.history)
const heard = new EventTarget()
const api = createApi((input, init) => fetch(input, init), {
  onUnauthenticated: () => heard.dispatchEvent(new Event('ended')),
  onForbidden: () => heard.dispatchEvent(new Event('forbidden')),
})
const on = (name: 'ended' | 'forbidden', listener: () => void): (() => void) => {
  heard.addEventListener(name, listener)
  return () => heard.removeEventListener(name, listener)
}
// The token is good for one exchange: it is made once here, whatever the page does.
const first = beginSession(api, token)
let isFirst = true
const source: SessionSource = {
  api,
  begin: () => {
    if (!isFirst) return beginSession(api, undefined)
    isFirst = false
    return first
  },
  onEnded: (listener) => on('ended', listener),
  onForbidden: (listener) => on('forbidden', listener),
}
startTexts()
startContrast()
const root = document.getElementById('root')
if (root !== null) createRoot(root).render(<App source={source} prover={startWorkerProver()} />)
