// All dashboards.
import { list } from './api.js';
import { el } from './dom.js';
import { brand, card, keyButton, problem, themeButton } from './shell.js';

const main = el('main', { class: 'single', 'aria-busy': 'true' }, el('h1', {}, 'Dashboards'));
document.body.append(el('header', { class: 'top' }, el('div', { class: 'masthead' }, brand(), el('div', { class: 'tools' }, keyButton(), themeButton()))), main);
try {
  const dashboards = await list('/api/v1/dashboards?top=1000');
  main.append(dashboards.length
    ? el('ul', { class: 'cards' }, dashboards.map(card))
    : el('div', { class: 'state' }, el('strong', {}, 'No dashboards yet'), el('p', {}, 'PUT /api/v1/dashboards/{name} makes one over a mart.')));
} catch (error) {
  main.append(problem(error, () => location.reload()));
}
main.setAttribute('aria-busy', 'false');
