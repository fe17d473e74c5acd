/** The members of request and response data that the catalogue lists. */
import { catalogue } from '../catalogue.ts'

/**
 * Each by its path inside the event; the first action that has one speaks for all. Nothing but data stands in this file, as in
 * `action-words.ts`, and for the same reason.
 */
export const catalogueFields = [
  ...Map.groupBy(
    catalogue
      .all()
      .flatMap(({ request, response }) => [
        ...request.map(({ name, type, meaning }) => ({ path: `requestData.${name}`, type, meaning })),
        ...response.map(({ name, type, meaning }) => ({ path: `responseData.${name}`, type, meaning })),
      ]),
    ({ path }) => path,
  ).values(),
].flatMap(([first]) => first ?? [])
