// One tile: loads its rows and shows them as a number, a chart or a table.
import * as address from './address.js';
import { get } from './api.js';
import { draw, open } from './charts.js';
import { download } from './csv.js';
import { el, iconButton, svg } from './dom.js';
import * as formats from './formats.js';
import { problem } from './shell.js';
import { table } from './table.js';

const widths = { kpi: 1, table: 2, heatmap: 2, line: 2, area: 2, bar: 2, stacked: 2 };

export class Tile {
  #dashboard;
  #chart = null;
  #data = null;
  #loading = null;
  #stale = false;
  #visible = new ResizeObserver(() => this.#chart?.resize());

  constructor(dashboard, definition) {
    this.#dashboard = dashboard;
    this.definition = definition;
    const title = definition.title ?? formats.label(definition.name);
    this.body = el('div', { class: 'body' });
    this.note = el('p', { class: 'note', hidden: true });
    this.toggle = definition.type === 'table' ? null : iconButton('table', `Table of ${title}`, () => this.#turn(), { 'aria-pressed': 'false' });
    this.save = iconButton('download', `Download ${title} as CSV`, () => this.#download());
    this.element = el('section', { class: 'tile', 'data-type': definition.type, 'data-tile': definition.name, 'data-width': definition.width ?? widths[definition.type], 'aria-label': title, 'aria-busy': 'true' },
      el('header', {},
        el('div', {}, el('h2', {}, title), definition.description ? el('p', {}, definition.description) : null),
        el('div', { class: 'tools' }, this.toggle, this.save)),
      this.body, this.note);
    this.#say(el('div', { class: 'skeleton', 'aria-hidden': 'true' }));
  }

  get asOf() {
    return this.#data?.asOf ?? null;
  }

  get time() {
    return this.#data?.time ?? null;
  }

  get stale() {
    return this.#stale;
  }

  /** Asks for the rows; the newest request wins. */
  async load() {
    this.#loading?.abort();
    const request = this.#loading = new AbortController();
    this.element.setAttribute('aria-busy', 'true');
    const options = address.choices().toString();
    const path = `/api/v1/dashboards/${this.#dashboard}/tiles/${this.definition.name}/data${options ? `?${options}` : ''}`;
    try {
      const { body, changed, stale } = await get(path, request.signal);
      this.#stale = stale;
      if (changed || this.#data !== body || this.element.dataset.state === 'error') {
        this.#data = body;
        this.show();
      }
    } catch (error) {
      if (error.name === 'AbortError') return;
      this.#data = null;
      this.element.dataset.state = 'error';
      this.#say(problem(error, () => this.load()));
    }
    this.element.setAttribute('aria-busy', 'false');
  }

  /** Draws what is there, again after a change of theme or view. */
  show() {
    const data = this.#data;
    if (!data) return;
    const asTable = this.definition.type === 'table' || address.read(`view.${this.definition.name}`) === 'table';
    this.toggle?.setAttribute('aria-pressed', String(asTable));
    this.element.classList.toggle('as-table', asTable);
    this.note.hidden = true;
    this.element.dataset.state = data.rows.length === 0 ? 'empty' : 'rows';
    if (data.rows.length === 0) this.#say(el('div', { class: 'state' }, el('strong', {}, 'No rows'), el('p', {}, 'Nothing fits this time and these filters.')));
    else if (asTable) this.#showTable();
    else if (this.definition.type === 'kpi') this.#showNumber();
    else this.#showChart();
    if (data.truncated) this.#remark(`Only the first ${formats.plain(data.rows.length)} rows are here.`);
  }

  #say(...elements) {
    this.#chart?.dispose();
    this.#chart = null;
    this.#visible.disconnect();
    this.body.style.height = '';
    this.body.replaceChildren(...elements);
  }

  #remark(text) {
    this.note.textContent = this.note.hidden ? text : `${this.note.textContent} ${text}`;
    this.note.hidden = false;
  }

  #showChart() {
    const { option, note, height } = draw(this.definition, this.#data);
    if (!this.#chart) {
      const place = el('div', { class: 'chart', role: 'img' });
      this.#say(place);
      this.#chart = open(place);
      this.#visible.observe(place);
    }
    this.body.style.height = height ? `${height}px` : '';
    this.#chart.getDom().setAttribute('aria-label', this.#summary());
    this.#chart.resize();
    this.#chart.setOption(option, { notMerge: true });
    if (note) this.#remark(note);
  }

  /** What the chart shows, in a sentence; the table has the rest. */
  #summary() {
    const { columns, rows } = this.#data;
    const index = columns.findIndex(column => column.role === 'measure');
    const known = rows.filter(row => row[index] !== null);
    if (known.length === 0) return `${this.definition.type} chart without values.`;
    const ends = [known.reduce((a, b) => b[index] < a[index] ? b : a), known.reduce((a, b) => b[index] > a[index] ? b : a)];
    const place = row => columns.slice(0, index).map((column, at) => formats.group(row[at], column)).join(', ');
    const [least, most] = ends.map(row => `${formats.measure(row[index], this.definition, columns[index])} (${place(row)})`);
    return `${formats.label(this.definition.type)} chart of ${formats.label(columns[index].name)} by ${columns.slice(0, index).map(column => formats.label(column.name)).join(' and ')}: `
      + `${rows.length} values, from ${least} to ${most}. The table button shows all.`;
  }

  #showNumber() {
    const { rows, comparison, trend } = this.#data;
    const [value, column] = [rows[0][0], this.#data.columns[0]];
    const before = comparison?.rows[0]?.[0] ?? null;
    const parts = [el('p', { class: 'value' }, formats.measure(value, this.definition, column, false), this.definition.unit ? el('span', { class: 'unit' }, this.definition.unit) : null)];
    if (comparison) parts.push(this.#change(value, before, column));
    if (trend && trend.rows.length > 1) parts.push(spark(trend.rows.map(row => row[1])));
    this.#say(el('div', { class: 'figure' }, parts));
  }

  #change(value, before, column) {
    if (value === null || before === null || before === 0) return el('p', { class: 'change' }, 'Nothing to compare with');
    const ratio = (value - before) / Math.abs(before);
    const way = Math.abs(ratio) < 0.0005 ? 'same' : (ratio > 0) === (this.definition.better !== 'lower') ? 'good' : 'bad';
    return el('p', { class: `change ${this.definition.better ? way : ''}` },
      el('b', {}, el('span', { 'aria-hidden': 'true' }, ratio > 0 ? '▲ ' : ratio < 0 ? '▼ ' : ''), formats.change(ratio)),
      el('span', {}, ` from ${formats.measure(before, this.definition, column)} before`));
  }

  #showTable() {
    const { columns, rows, trend } = this.#data;
    const view = this.definition.type === 'kpi' && trend ? trend : { columns, rows };
    const name = `sort.${this.definition.name}`;
    this.#say(table({
      tile: this.definition, columns: view.columns, rows: view.rows, sort: address.read(name),
      onsort: (sort, column) => {
        address.write({ [name]: [sort] });
        this.show();
        this.body.querySelector(`[data-column="${column}"]`)?.focus();
      },
    }));
  }

  #turn() {
    const name = `view.${this.definition.name}`;
    address.write({ [name]: address.read(name) === 'table' ? [] : ['table'] });
    this.show();
  }

  #download() {
    if (!this.#data) return;
    const { columns, rows, trend } = this.#data;
    const view = this.definition.type === 'kpi' && trend ? trend : { columns, rows };
    download(`${this.#dashboard}-${this.definition.name}`, view.columns, view.rows);
  }
}

/** A small line of how a number came about. */
function spark(values) {
  const known = values.filter(value => value !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const y = value => most === least ? 16 : 30 - 28 * (value - least) / (most - least);
  const points = values.map((value, index) => value === null ? null : `${(120 * index / (values.length - 1)).toFixed(1)},${y(value).toFixed(1)}`).filter(point => point !== null);
  return svg('svg', { class: 'spark', viewBox: '0 0 120 32', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('polygon', { points: `0,32 ${points.join(' ')} 120,32` }),
    svg('polyline', { points: points.join(' '), 'vector-effect': 'non-scaling-stroke' }));
}
