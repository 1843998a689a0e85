// What there is on this platform, and how it goes.
import { get, list } from './api.js';
import { el } from './dom.js';
import * as formats from './formats.js';
import { brand, card, keyButton, problem, themeButton } from './shell.js';

const most = 100;
const tones = { Succeeded: 'good', Failed: 'bad', Canceled: 'warn', Running: '', NotStarted: '' };

const main = el('main', { class: 'single', 'aria-busy': 'true' },
  el('div', {}, el('h1', {}, 'Overview'), el('p', { class: 'lead' }, 'What comes in, what becomes of it, and where to look at it.')));
document.body.append(el('header', { class: 'top' }, el('div', { class: 'masthead' }, brand(), el('nav', { 'aria-label': 'Pages' }, el('a', { href: '/dashboards' }, 'Dashboards')), el('div', { class: 'tools' }, keyButton(), themeButton()))), main);

const sections = el('div', { class: 'sections' });
const boards = el('section', { 'aria-label': 'Dashboards' });
const links = el('section', { class: 'sheet wide' }, el('h2', {}, 'For programs'));
main.append(boards, sections, links);

await Promise.all([
  fill(boards, dashboards),
  section('Marts', marts),
  section('Pipelines', pipelines),
  section('Datasets', datasets),
  section('Latest runs', runs),
  fill(links, addresses),
]);
main.setAttribute('aria-busy', 'false');

async function section(title, content) {
  const element = el('section', { class: 'sheet', 'aria-label': title }, el('h2', {}, title));
  sections.append(element);
  await fill(element, content);
}

async function fill(element, content) {
  try {
    element.append(await content());
  } catch (error) {
    element.append(problem(error));
  }
}

async function dashboards() {
  const all = await list('/api/v1/dashboards', most);
  return all.length
    ? el('ul', { class: 'cards' }, all.map(card))
    : none('No dashboards yet', 'PUT /api/v1/dashboards/{name} makes one over a mart.');
}

async function marts() {
  const all = await list('/api/v1/marts', most);
  const rows = await Promise.all(all.map(async ({ name }) => {
    const [table, definition] = await Promise.all([tableOf(name), get(`/api/v1/marts/${name}`).then(answer => answer.body)]);
    const stale = table && definition.freshness ? (await get(`/api/v1/marts/${name}/rows?top=0`)).stale : false;
    return [name, definition.source, table ? formats.plain(table.rows ?? 0) : '–', freshness(table, definition, stale)];
  }));
  return sheet('Marts', ['Mart', 'Source', '#Rows', 'Refreshed'], rows, 'No marts yet', 'PUT /api/v1/marts/{name} makes one.');
}

function freshness(table, definition, stale) {
  if (!table) return el('span', { class: 'badge warn' }, 'no data');
  return el('span', { title: definition.freshness ? `Wanted: within ${formats.duration(definition.freshness)} of a change` : null }, el('time', { datetime: table.timestamp }, formats.ago(table.timestamp)), ' ', stale ? el('span', { class: 'badge warn' }, 'stale') : null);
}

async function pipelines() {
  const all = await list('/api/v1/pipelines', most);
  const rows = await Promise.all(all.map(async ({ name, description }) => {
    const last = (await get(`/api/v1/runs?pipeline=${name}&top=1`)).body.value[0];
    return [name, description ?? '', last ? [status(last.status), ' ', el('time', { datetime: at(last) }, formats.ago(at(last)))] : 'never ran'];
  }));
  return sheet('Pipelines', ['Pipeline', 'Does', 'Last run'], rows, 'No pipelines yet', 'PUT /api/v1/pipelines/{name} makes one.');
}

async function datasets() {
  const all = await list('/api/v1/datasets', most);
  const rows = await Promise.all(all.map(async ({ name, description }) => {
    const table = await tableOf(name);
    return [name, description ?? '', table ? formats.plain(table.rows ?? 0) : '0', table ? el('time', { datetime: table.timestamp }, formats.ago(table.timestamp)) : '–'];
  }));
  return sheet('Datasets', ['Dataset', 'Holds', '#Rows', 'Changed'], rows, 'No datasets yet', 'PUT /api/v1/datasets/{name} makes one.');
}

async function runs() {
  const { body } = await get('/api/v1/runs?top=8');
  const rows = body.value.map(run => [run.name, status(run.status), el('time', { datetime: at(run) }, formats.ago(at(run)))]);
  return sheet('Latest runs', ['Of', 'Status', 'When'], rows, 'No runs yet', 'A trigger or a request starts one.');
}

async function addresses() {
  const doors = document.body.dataset.doors.split(' ');
  const known = [['/api/openapi.json', 'OpenAPI document'], ['/odata', 'OData for Power BI, Excel and Tableau']];
  return el('ul', { class: 'links' },
    known.filter(([path]) => doors.includes(path)).map(([path, text]) => el('li', {}, el('a', { href: path }, text), ' ', el('code', {}, path))),
    [['/api/v1/datasets', 'Datasets'], ['/api/v1/marts', 'Marts'], ['/health/ready', 'Health']].map(([path, text]) => el('li', {}, `${text} `, el('code', {}, path))));
}

/** @returns Null while there is no data. */
function tableOf(name) {
  return get(`/api/v1/warehouse/tables/${name}`).then(answer => answer.body, error => {
    if (error.code === 'TableEmpty') return null;
    throw error;
  });
}

function at(run) {
  return run.ended ?? run.started ?? run.created;
}

function status(word) {
  return el('span', { class: `badge ${tones[word] ?? ''}` }, word);
}

function none(title, text) {
  return el('div', { class: 'state' }, el('strong', {}, title), el('p', {}, text));
}

/** A table; a heading with `#` stands over numbers. */
function sheet(title, heads, rows, noneTitle, noneText) {
  if (rows.length === 0) return none(noneTitle, noneText);
  const numeric = heads.map(head => head.startsWith('#'));
  return el('div', { class: 'scroll', role: 'region', tabindex: '0', 'aria-label': `Table: ${title}` }, el('table', {},
    el('caption', { class: 'hidden' }, title),
    el('thead', {}, el('tr', {}, heads.map((head, index) => el('th', { scope: 'col', class: numeric[index] ? 'plain number' : 'plain' }, head.replace('#', ''))))),
    el('tbody', {}, rows.map(row => el('tr', {}, row.map((cell, index) => index === 0
      ? el('th', { scope: 'row' }, cell)
      : el('td', { class: numeric[index] ? 'number' : null }, ...[cell].flat())))))));
}
