// The choice of time and the filters.
import * as address from './address.js';
import { get } from './api.js';
import { el } from './dom.js';
import * as formats from './formats.js';
import { popover, problem } from './shell.js';

/** The range of the page: presets, all times, or days of the reader's own. */
export function timePicker(time, shown, onchange) {
  const custom = address.read('from') ?? address.read('to');
  const chosen = custom ? 'custom' : address.read('last') ?? time.default ?? 'all';
  const words = [...time.presets ?? [], 'all'];
  const set = el('fieldset', { class: 'segments' }, el('legend', { class: 'hidden' }, 'Time'));
  for (const word of words) {
    set.append(el('label', {},
      el('input', { type: 'radio', name: 'time', value: word, checked: word === chosen, onchange: () => choose({ last: [word], from: [], to: [] }) }),
      el('span', {}, formats.duration(word))));
  }
  const { box, button } = popover('Custom', 'Choose days', (panel, close) => {
    const range = shown();
    const from = el('input', { type: 'date', value: address.read('from')?.slice(0, 10) ?? range?.from?.slice(0, 10) ?? '' });
    const to = el('input', { type: 'date', value: lastDay(address.read('to') ?? range?.to) });
    const form = el('form', { class: 'range' }, el('label', {}, 'First day', from), el('label', {}, 'Last day', to), el('button', { class: 'primary' }, 'Show'));
    form.addEventListener('submit', event => {
      event.preventDefault();
      if (from.value && to.value && from.value > to.value) return to.setCustomValidity('The last day is before the first.'), to.reportValidity();
      for (const input of set.querySelectorAll('input')) input.checked = false;
      choose({ last: [], from: from.value ? [from.value] : [], to: to.value ? [dayAfter(to.value)] : [] });
      close({ type: 'keydown' });
    });
    to.addEventListener('input', () => to.setCustomValidity(''));
    panel.replaceChildren(form);
  });
  const mark = () => button.classList.toggle('chosen', Boolean(address.read('from') ?? address.read('to')));
  mark();
  return el('div', { class: 'time' }, set, box);

  function choose(changes) {
    address.write(changes);
    mark();
    onchange();
  }
}

/** A picker of a dimension's values. */
export function filterPicker(dashboard, { dimension, label }, onchange) {
  const name = label ?? formats.label(dimension);
  const words = el('span');
  const { box, button } = popover(words, `Filter by ${name}`, async panel => {
    const list = el('ul', { class: 'choices' });
    const search = el('input', { type: 'search', placeholder: 'Search', 'aria-label': `Search ${name}` });
    const clear = el('button', { type: 'button', onclick: () => { apply([]); fill(); } }, 'Clear');
    let values;
    try {
      values = (await get(`/api/v1/dashboards/${dashboard}/filters/${dimension}/values`)).body.value;
    } catch (error) {
      return panel.replaceChildren(problem(error));
    }
    const fill = () => {
      const chosen = address.filter(dimension);
      const wanted = search.value.trim().toLowerCase();
      const all = [...new Set([...chosen, ...values.map(value => value === null ? '' : String(value))])];
      list.replaceChildren(...all.filter(value => (value || formats.nothing).toLowerCase().includes(wanted)).slice(0, 300).map(value => el('li', {}, el('label', {},
        el('input', {
          type: 'checkbox', checked: chosen.includes(value),
          onchange: event => apply(event.target.checked ? [...address.filter(dimension), value] : address.filter(dimension).filter(other => other !== value)),
        }),
        el('span', {}, value || formats.nothing)))));
    };
    search.addEventListener('input', fill);
    panel.replaceChildren(values.length > 8 ? search : '', list, clear);
    fill();
  });

  function apply(values) {
    address.write({ [`filter.${dimension}`]: values });
    mark();
    onchange();
  }

  function mark() {
    const chosen = address.filter(dimension);
    const shown = chosen.map(value => value || formats.nothing);
    words.replaceChildren(name, chosen.length ? el('b', {}, shown.length <= 2 ? shown.join(', ') : `${shown[0]} + ${shown.length - 1}`) : '');
    button.classList.toggle('chosen', chosen.length > 0);
  }

  mark();
  return box;
}

const dayAfter = text => new Date(Date.parse(text) + 86_400_000).toISOString().slice(0, 10);
const lastDay = text => text ? new Date(Date.parse(text) - 1).toISOString().slice(0, 10) : '';
