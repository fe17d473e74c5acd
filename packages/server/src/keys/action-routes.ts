/** Actions on a key over HTTP, in both forms of address: `/actions/<name>` and `?action=<name>`. */
import { type KmsCall, type KmsRoute, kmsCall, kmsChoice, kmsRoute } from '../http/witnessed.ts'
import { toBase64 } from './base64.ts'
import { parseRestore, parseRotate, parseUnwrap, parseWrap } from './body.ts'
import { keySchemas } from './description.ts'
import { disableKey } from './disable.ts'
import { enableKey } from './enable.ts'
import { refuseUnknown } from './invalid.ts'
import type { KeyParts } from './parts.ts'
import { badQuery } from './refusals.ts'
import { answer, idOf, nothing, oneKey, targetKey } from './render.ts'
import { restoreKey } from './restore.ts'
import { rewrapKey } from './rewrap.ts'
import { rotateKey } from './rotate.ts'
import { setForDeletion } from './set-for-deletion.ts'
import { syncKey } from './sync.ts'
import { unsetForDeletion } from './unset-for-deletion.ts'
import { unwrapKey } from './unwrap.ts'
import { wrapKey } from './wrap.ts'

type ActionWord = keyof typeof keySchemas.actions
const actionNames = Object.keys(keySchemas.actions) as ActionWord[]

export function actionRoutes(parts: KeyParts): readonly KmsRoute[] {
  const actions = keyActions(parts)
  const restore = restoring(parts)
  const sync = syncing(parts)
  return [
    ...actionNames.map((name) =>
      kmsRoute({
        method: 'POST',
        url: `/api/v2/keys/:id/actions/${name}`,
        schema: keySchemas.actions[name],
        ...actions[name],
      }),
    ),
    kmsRoute({ method: 'POST', url: '/api/v2/keys/:id/actions/sync', schema: keySchemas.sync, ...sync }),
    kmsRoute({ method: 'POST', url: '/api/v2/keys/:id/restore', schema: keySchemas.restore, ...restore }),
    kmsChoice({
      method: 'POST',
      url: '/api/v2/keys/:id',
      schema: keySchemas.legacyAction,
      choose: (query) => {
        const [asked, ...others] = query.getAll('action')
        if (others.length > 0) return unknownAction(parts)
        if (asked === 'restore') return restore
        const name = actionNames.find((known) => known === asked)
        return name === undefined ? unknownAction(parts) : actions[name]
      },
    }),
  ]
}

/** Those that both forms of address name alike. */
function keyActions(parts: KeyParts): Readonly<Record<ActionWord, KmsCall>> {
  const target = targetKey
  return {
    wrap: kmsCall({
      action: 'hs-crypto.secrets.wrap',
      target,
      operation: (request, seen) =>
        answer(
          wrapKey(request, idOf(request), () => parseWrap(request.body()), parts),
          seen,
          (wrapped) => ({
            body: {
              ...(wrapped.plaintext === undefined ? {} : { plaintext: toBase64(wrapped.plaintext) }),
              ciphertext: wrapped.ciphertext,
              keyVersion: { id: wrapped.version },
            },
          }),
        ),
    }),
    unwrap: kmsCall({
      action: 'hs-crypto.secrets.unwrap',
      target,
      operation: (request, seen) =>
        answer(
          unwrapKey(request, idOf(request), () => parseUnwrap(request.body()), parts),
          seen,
          (opened) => ({
            body: {
              plaintext: toBase64(opened.plaintext),
              keyVersion: { id: opened.version },
              ...(opened.renewed === undefined
                ? {}
                : { ciphertext: opened.renewed.ciphertext, rewrappedKeyVersion: { id: opened.renewed.version } }),
            },
          }),
        ),
    }),
    rewrap: kmsCall({
      action: 'hs-crypto.secrets.rewrap',
      target,
      operation: (request, seen) =>
        answer(
          rewrapKey(request, idOf(request), () => parseUnwrap(request.body()), parts),
          seen,
          (moved) => ({
            body: {
              ciphertext: moved.ciphertext,
              keyVersion: { id: moved.version },
              rewrappedKeyVersion: { id: moved.rewrappedVersion },
            },
          }),
        ),
    }),
    rotate: kmsCall({
      action: 'hs-crypto.secrets.rotate',
      target,
      operation: (request, seen) =>
        answer(
          rotateKey(request, idOf(request), () => parseRotate(request.body()), parts),
          seen,
          nothing,
        ),
    }),
    setKeyForDeletion: kmsCall({
      action: 'hs-crypto.secrets.setkeyfordeletion',
      target,
      operation: (request, seen) => answer(setForDeletion(request, idOf(request), parts), seen, nothing),
    }),
    unsetKeyForDeletion: kmsCall({
      action: 'hs-crypto.secrets.unsetkeyfordeletion',
      target,
      operation: (request, seen) => answer(unsetForDeletion(request, idOf(request), parts), seen, nothing),
    }),
    enable: kmsCall({
      action: 'hs-crypto.secrets.enable',
      target,
      operation: (request, seen) => answer(enableKey(request, idOf(request), parts), seen, nothing),
    }),
    disable: kmsCall({
      action: 'hs-crypto.secrets.disable',
      target,
      operation: (request, seen) => answer(disableKey(request, idOf(request), parts), seen, nothing),
    }),
  }
}

/** Restoring has a path of its own; in the older form of address it is an action like the others. */
function restoring(parts: KeyParts): KmsCall {
  return kmsCall({
    action: 'hs-crypto.secrets.restore',
    target: targetKey,
    operation: (request, seen) =>
      answer(
        restoreKey(request, idOf(request), () => parseRestore(request.body()), parts),
        seen,
        (key) => oneKey(request, key, parts),
      ),
  })
}

function syncing(parts: KeyParts): KmsCall {
  return kmsCall({
    action: 'hs-crypto.secrets.sync',
    target: targetKey,
    operation: (request, seen) => answer(syncKey(request, idOf(request), parts), seen, nothing),
  })
}

/** What the older form of address names no action for. */
function unknownAction(parts: KeyParts): KmsCall {
  const refusal = () => badQuery('action', 'The action is not one that can be done to a key.')
  return kmsCall({
    action: 'hs-crypto.secrets.default',
    operation: (request, seen) => refuseUnknown(request, refusal, parts)(seen),
  })
}
