// Rows as a table that is sorted by its headings.
import { el } from './dom.js';
import * as formats from './formats.js';

const step = 100;

/** @param {{tile: object, columns: object[], rows: any[][], sort: string|null, onsort: Function}} view `sort` is `column` or `-column`. */
export function table({ tile, columns, rows, sort, onsort }) {
  const descending = sort?.startsWith('-') ?? false;
  const by = sort === null || sort === undefined ? -1 : columns.findIndex(column => column.name === sort.replace('-', ''));
  const sorted = by < 0 ? rows : [...rows].sort((a, b) => compare(a[by], b[by]) * (descending ? -1 : 1));
  const body = el('tbody');
  const more = el('button', { type: 'button', class: 'more', onclick: fill });
  let shown = 0;

  function fill() {
    for (const row of sorted.slice(shown, shown + step)) {
      body.append(el('tr', {}, columns.map((column, index) => {
        const text = formats.cell(row[index], column, tile);
        return column.role === 'measure' || (formats.isNumber(column) && row[index] !== null)
          ? el('td', { class: 'number' }, text)
          : index === 0 ? el('th', { scope: 'row' }, text) : el('td', {}, text);
      })));
    }
    shown = Math.min(shown + step, sorted.length);
    more.textContent = `Show more (${formats.plain(sorted.length - shown)} left)`;
    more.hidden = shown >= sorted.length;
  }

  fill();
  const heads = columns.map((column, index) => {
    const numeric = column.role === 'measure' || formats.isNumber(column);
    const order = index === by ? (descending ? 'descending' : 'ascending') : 'none';
    const next = index !== by ? (numeric ? '-' : '') + column.name : (descending ? '' : '-') + column.name;
    return el('th', { scope: 'col', 'aria-sort': order, class: numeric ? 'number' : null },
      el('button', { type: 'button', 'data-column': column.name, onclick: () => onsort(next, column.name) },
        formats.label(column.name), el('span', { class: `arrow ${order}`, 'aria-hidden': 'true' })));
  });
  const title = tile.title ?? formats.label(tile.name);
  return el('div', { class: 'scroll', role: 'region', tabindex: '0', 'aria-label': `Table: ${title}` },
    el('table', {}, el('caption', { class: 'hidden' }, title), el('thead', {}, el('tr', {}, heads)), body), more);
}

/** Nothing comes before everything. */
function compare(a, b) {
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
}
