// Requests to the platform. An answer is kept with its ETag: asked again, it comes back without its rows when nothing has changed.
import * as access from './access.js';

const seen = new Map();
const limit = 200;

/** What the platform said was wrong. */
export class Failure extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** @returns {{body: object, changed: boolean, stale: boolean}} `changed` is false when the same answer was there before; `stale` when it is of a mart that is older than it should be. */
export async function get(path, signal) {
  const known = seen.get(path);
  const response = await send(path, { signal, headers: known ? { 'if-none-match': known.etag } : {} });
  const stale = response.headers.get('data-stale') === 'true';
  if (response.status === 304) return { body: known.body, changed: false, stale };
  const body = await response.json();
  const etag = response.headers.get('etag');
  seen.delete(path);
  if (etag) seen.set(path, { etag, body });
  if (seen.size > limit) seen.delete(seen.keys().next().value);
  return { body, changed: true, stale };
}

/** All items of a list, page by page; `most` bounds them. */
export async function list(path, most = 1000) {
  const items = [];
  for (let next = path; next && items.length < most;) {
    const { body } = await get(next);
    items.push(...body.value);
    next = body.nextLink ? new URL(body.nextLink).pathname + new URL(body.nextLink).search : null;
  }
  return items;
}

export async function post(path, document) {
  const response = await send(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(document) });
  return response.json();
}

async function send(path, { headers = {}, ...rest }) {
  let refused = false;
  for (;;) {
    const own = access.headers();
    if (access.token === null && !own['x-api-key']) {
      await access.ask(refused);
      continue;
    }
    const response = await fetch(path, { cache: 'no-store', credentials: 'omit', ...rest, headers: { ...own, ...headers } }); // Without credentials browsers ask for no password of their own.
    if (response.ok || response.status === 304) return response;
    if (response.status === 401 && access.token === null) {
      // Another request may have asked for a new key meanwhile.
      if (access.headers()['x-api-key'] === own['x-api-key']) access.forget();
      refused = true;
      continue;
    }
    const error = await response.json().then(body => body.error, () => null);
    throw new Failure(response.status, error?.code ?? `Status${response.status}`, error?.message ?? `The platform answered ${response.status}.`);
  }
}
