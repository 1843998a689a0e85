// Who asks: the token of an embedded page's address, or the API key that the reader gave. The key goes only into a header of requests to this site;
// it is kept for this tab, or in this browser when the reader wants that, never in an address or a cookie.
import { el } from './dom.js';

const name = 'dataplatform-key';

/** The token of a shared link; it stands behind `#`, which browsers send nowhere. */
export const token = location.pathname.startsWith('/embed/') ? new URLSearchParams(location.hash.slice(1)).get('token') ?? '' : null;

/** What a shared link says of itself: the dashboard, when it ends, filters that are fixed. Only read here; the server checks it. */
export function grant() {
  try {
    const bytes = Uint8Array.from(atob(token.split('.')[0].replaceAll('-', '+').replaceAll('_', '/')), character => character.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return {};
  }
}

export function headers() {
  if (token !== null) return { 'x-dashboard-token': token };
  const key = read();
  return key ? { 'x-api-key': key } : {};
}

export function forget() {
  for (const store of [sessionStorage, localStorage]) store.removeItem(name);
}

const read = () => sessionStorage.getItem(name) ?? localStorage.getItem(name);

let asking = null;

/** Asks the reader for a key; everything that waits for one waits for the same answer. */
export function ask(refused) {
  asking ??= new Promise(resolve => {
    const input = el('input', { id: 'key', type: 'password', autocomplete: 'current-password', required: true, spellcheck: 'false', 'aria-describedby': 'key-note' });
    const keep = el('input', { type: 'checkbox' });
    const form = el('form', { class: 'sign-in' },
      el('h2', { id: 'key-title' }, 'API key'),
      el('p', { id: 'key-note' }, refused ? 'That key is not known. Check it and try again.' : 'To read data, give a key that may read it. The admin key of a local platform lies in .local/admin-key.'),
      el('input', { type: 'text', autocomplete: 'username', value: 'DataPlatform', hidden: true }), // Password managers know the key by it.
      el('label', { for: 'key' }, 'Key'), input,
      el('label', { class: 'check' }, keep, 'Keep it in this browser'),
      el('button', { class: 'primary' }, 'Open'));
    const dialog = el('dialog', { 'aria-labelledby': 'key-title', oncancel: event => event.preventDefault() }, form);
    form.addEventListener('submit', event => {
      event.preventDefault();
      forget();
      (keep.checked ? localStorage : sessionStorage).setItem(name, input.value.trim());
      dialog.close();
      dialog.remove();
      asking = null;
      resolve();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
  return asking;
}
