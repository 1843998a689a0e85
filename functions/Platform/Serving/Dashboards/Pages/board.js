// A dashboard's page: the tiles of its definition, the choices in the address, and newer data as it comes.
import * as access from './access.js';
import { get, post } from './api.js';
import { el, icon, iconButton } from './dom.js';
import * as formats from './formats.js';
import { filterPicker, timePicker } from './pickers.js';
import { brand, copy, keyButton, popover, problem, themeButton } from './shell.js';
import { Tile } from './tile.js';

const embedded = access.token !== null;
const name = decodeURIComponent(location.pathname.split('/')[2]);
const fixed = embedded ? access.grant().filters ?? {} : {};
document.body.classList.toggle('embedded', embedded);

const state = el('p', { class: 'as-of', role: 'status' });
const main = el('main', { id: 'tiles', class: 'grid', 'aria-busy': 'true' });
let tiles = [];

try {
  const { body } = await get(`/api/v1/dashboards/${encodeURIComponent(name)}`);
  build(body);
  await load();
  keepFresh(body);
} catch (error) {
  document.body.append(el('header', { class: 'top' }, embedded ? null : brand()), el('main', { class: 'single' }, el('h1', { class: 'hidden' }, 'Dashboard'), problem(error, () => location.reload())));
}

function build(definition) {
  const title = definition.title ?? formats.label(name);
  document.title = `${title} · DataPlatform`;
  tiles = definition.tiles.map(tile => new Tile(name, tile));
  const choices = [
    definition.time ? timePicker(definition.time, () => tiles.map(tile => tile.time).find(Boolean), load) : null,
    ...(definition.filters ?? []).filter(filter => !(filter.dimension in fixed)).map(filter => filterPicker(name, filter, load)),
  ].filter(Boolean);
  document.body.append(
    el('a', { class: 'skip', href: '#tiles', onclick: event => { event.preventDefault(); main.focus(); } }, 'To the charts'),
    el('header', { class: 'top' },
      embedded ? null : el('div', { class: 'masthead' }, brand(), el('nav', { 'aria-label': 'Pages' }, el('a', { href: '/dashboards' }, 'Dashboards')),
        el('div', { class: 'tools' }, shareButton().box, keyButton(), themeButton())),
      el('div', { class: 'title' },
        el('div', {}, el('h1', {}, title), definition.description ? el('p', {}, definition.description) : null),
        el('div', { class: 'fresh' }, state, iconButton('refresh', 'Look for newer data', () => load())))),
    choices.length ? el('section', { class: 'controls', 'aria-label': 'Time and filters' }, choices) : '', main);
  main.tabIndex = -1;
  main.append(...tiles.map(tile => tile.element));
  document.addEventListener('themechange', () => tiles.forEach(tile => tile.show()));
}

async function load() {
  main.setAttribute('aria-busy', 'true');
  await Promise.all(tiles.map(tile => tile.load()));
  main.setAttribute('aria-busy', 'false');
  const newest = tiles.map(tile => tile.asOf).filter(Boolean).sort().at(-1);
  const stale = tiles.some(tile => tile.stale);
  state.replaceChildren(...newest ? ['Data as of ', el('time', { datetime: newest, title: newest }, formats.moment(newest))] : ['No data']);
  if (stale) state.append(el('span', { class: 'badge warn', title: 'A mart is older against its source than its definition allows' }, 'stale'));
}

/** Looks for newer data as often as the definition says, while somebody can see the page. */
function keepFresh(definition) {
  if (!definition.refresh) return;
  const pause = formats.milliseconds(definition.refresh);
  let last = Date.now();
  const look = async () => {
    if (document.hidden || Date.now() - last < pause) return;
    last = Date.now();
    await load();
  };
  setInterval(look, Math.min(pause, 5000));
  document.addEventListener('visibilitychange', look);
}

function shareButton() {
  return popover(el('span', {}, icon('share'), 'Share'), 'Share', panel => {
    const link = el('button', { type: 'button', onclick: () => copy(location.href, link) }, 'Copy the address');
    const days = el('select', {}, [[1, '1 day'], [7, '7 days'], [30, '30 days'], [365, '1 year']].map(([value, text]) => el('option', { value }, text)));
    const made = el('div');
    const make = el('button', {
      type: 'button', class: 'primary', onclick: async () => {
        try {
          const { url } = await post(`/api/v1/dashboards/${encodeURIComponent(name)}/links`, { expiresIn: `P${days.value}D` });
          const shared = new URL(url);
          shared.search = location.search;
          const field = el('textarea', { readonly: true, rows: 4, 'aria-label': 'Embed link' });
          field.value = shared.href;
          const button = el('button', { type: 'button', onclick: () => copy(field.value, button) }, 'Copy the link');
          made.replaceChildren(field, button);
          field.select();
        } catch (error) {
          made.replaceChildren(problem(error));
        }
      },
    }, 'Make a link');
    panel.replaceChildren(
      el('p', {}, 'Whoever has a key sees what you see, with this time and these filters.'), link,
      el('hr'), el('p', {}, 'For a page or a person without a key: shows this dashboard only, and ends by itself.'),
      el('label', {}, 'Ends after', days), make, made);
  });
}
