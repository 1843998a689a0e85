// What all pages have at their top.
import { el, icon, iconButton, svg } from './dom.js';
import { forget } from './access.js';
import { turn } from './palette.js';

export function brand() {
  return el('a', { class: 'brand', href: '/', 'aria-label': 'DataPlatform, home' },
    svg('svg', { viewBox: '0 0 32 32', 'aria-hidden': 'true' },
      svg('rect', { width: 32, height: 32, rx: 8 }), svg('path', { d: 'M8 22v-5m5.3 5V10m5.4 12v-8m5.3 8V7' })),
    el('span', {}, 'DataPlatform'));
}

export const themeButton = () => iconButton('theme', 'Light or dark', turn);

export const keyButton = () => iconButton('key', 'Use another key', () => {
  forget();
  location.reload();
});

/** A button that opens a panel below it, which Escape or a click elsewhere closes. */
export function popover(words, name, fill) {
  const panel = el('div', { class: 'panel', role: 'dialog', 'aria-label': name, hidden: true });
  const button = el('button', { type: 'button', class: 'picker', 'aria-expanded': 'false', 'aria-haspopup': 'dialog' }, words, icon('down'));
  const box = el('div', { class: 'popover' }, button, panel);

  function close(event) {
    if (panel.hidden) return;
    panel.hidden = true;
    button.setAttribute('aria-expanded', 'false');
    if (event?.type === 'keydown') button.focus();
  }

  button.addEventListener('click', async () => {
    if (!panel.hidden) return close();
    panel.hidden = false;
    button.setAttribute('aria-expanded', 'true');
    await fill(panel, close);
    panel.classList.toggle('left', button.getBoundingClientRect().left + panel.offsetWidth > document.documentElement.clientWidth - 8);
    panel.querySelector('input, button')?.focus();
  });
  box.addEventListener('keydown', event => event.key === 'Escape' && close(event));
  box.addEventListener('focusout', event => event.relatedTarget && !box.contains(event.relatedTarget) && close());
  document.addEventListener('pointerdown', event => box.contains(event.target) || close());
  return { box, button };
}

/** Copies a text and says so. */
export async function copy(text, button) {
  await navigator.clipboard.writeText(text);
  const words = button.textContent;
  button.textContent = 'Copied';
  setTimeout(() => { button.textContent = words; }, 1500);
}

/** Tells what went wrong in place of what should be there. */
export function problem(error, retry) {
  return el('div', { class: 'state error', role: 'alert' },
    el('strong', {}, error.status === 403 ? 'Your key may not read this' : error.status === 404 ? 'Nothing here yet' : 'This did not work'),
    el('p', {}, error.message),
    error.code ? el('code', {}, error.code) : null,
    retry ? el('button', { type: 'button', onclick: retry }, 'Try again') : null);
}

/** A dashboard in a list of dashboards. */
export function card({ name, title, description }) {
  return el('li', {}, el('a', { href: `/dashboards/${name}` }, el('strong', {}, title ?? name), el('span', {}, description ?? '')));
}
