// From a tile's rows to ECharts' options. Charts are drawn on canvas; what they say to screen readers is in the tile.
import * as echarts from './echarts-6.1.0.min.js';
import { el } from './dom.js';
import * as formats from './formats.js';
import { palette } from './palette.js';

const mostSeries = 8;
const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const partsOfDay = ['nig', 'mor', 'aft', 'eve'];
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

export const open = element => echarts.init(element, null, { renderer: 'canvas' });

/** @returns {{option: object, note: string|null, height: number|null}} */
export function draw(tile, data) {
  const colours = palette();
  const groups = data.columns.filter(column => column.role === 'group');
  const measures = data.columns.filter(column => column.role === 'measure');
  const base = {
    useUTC: true,
    color: colours.series,
    textStyle: { fontFamily: 'Inter, system-ui, sans-serif', color: colours.muted },
    animationDuration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 350,
    animationDurationUpdate: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 250,
    grid: { left: 4, right: 14, top: 12, bottom: 2, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
  };
  switch (tile.type) {
    case 'heatmap': return heatmap(base, tile, data, groups, measures[0], colours);
    case 'bar': return formats.isTime(groups[0]) || formats.isNumber(groups[0])
      ? series(base, tile, data, groups, measures, colours, 'bar')
      : bars(base, tile, data, groups[0], measures, colours);
    case 'stacked': return series(base, tile, data, groups, measures, colours, 'bar', 'all');
    default: return series(base, tile, data, groups, measures, colours, 'line');
  }
}

/** Lines, areas and columns: over the first group, told apart by the second or by measures. */
function series(base, tile, data, groups, measures, colours, type, stack) {
  const [over, apart] = groups;
  const time = formats.isTime(over);
  const steps = time ? null : inOrder(distinct(data.rows.map(row => row[0])));
  let lines = measures.map((column, index) => ({ name: formats.label(column.name), points: data.rows.map(row => [row[0], row[groups.length + index]]) }));
  let note = null;
  if (apart) {
    const found = new Map();
    for (const row of data.rows) {
      const name = formats.group(row[1], apart);
      if (!found.has(name)) found.set(name, { name, points: [], weight: 0 });
      found.get(name).points.push([row[0], row[2]]);
      found.get(name).weight += Math.abs(row[2] ?? 0);
    }
    lines = [...found.values()];
    if (lines.length > mostSeries) {
      note = `The ${mostSeries} largest of ${lines.length} are drawn; the table has all.`;
      lines = lines.sort((a, b) => b.weight - a.weight).slice(0, mostSeries);
    }
    const order = inOrder(lines.map(line => line.name));
    lines.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  }
  const column = index => measures[apart ? 0 : index];
  const filled = tile.type === 'area';
  const category = !time || type === 'bar';
  const instants = category && time ? distinct(data.rows.map(row => row[0])) : null;
  const names = instants ?? steps;
  const option = {
    ...base,
    grid: { ...base.grid, top: lines.length > 1 ? 38 : 12 },
    legend: lines.length > 1 ? legend(colours) : undefined,
    tooltip: tooltip(colours, points => {
      const first = points[0];
      const value = category ? names[first.dataIndex] : first.value[0];
      return [heading(formats.group(category ? value : iso(value, over), over)), ...points
        .filter(point => (category ? point.value : point.value[1]) !== null && (category ? point.value : point.value[1]) !== undefined)
        .map(point => line(point.color, lines.length > 1 ? point.seriesName : formats.label(measures[0].name), formats.measure(category ? point.value : point.value[1], tile, column(point.seriesIndex))))];
    }, 'axis', type === 'bar'),
    xAxis: category
      ? { type: 'category', data: names.map(value => formats.group(value, over)), boundaryGap: type === 'bar', ...axis(colours), axisLabel: { color: colours.muted, hideOverlap: true } }
      : { type: 'time', ...axis(colours), axisLabel: { color: colours.muted, hideOverlap: true, alignMinLabel: 'left', alignMaxLabel: 'right', customValues: sample(data.rows.map(row => Date.parse(row[0]))), formatter: value => formats.instant(value, over) } },
    yAxis: { type: 'value', scale: type === 'line' && !filled, splitNumber: 4, axisLabel: { color: colours.muted, formatter: value => formats.tick(value, tile) }, splitLine: { lineStyle: { color: colours.line } } },
    series: lines.map((found, index) => {
      const lookup = category ? new Map(found.points) : null;
      return {
        name: found.name,
        type,
        stack: stack ?? (filled && lines.length > 1 ? 'all' : undefined),
        data: category ? names.map(value => lookup.get(value) ?? null) : found.points.map(([at, value]) => [Date.parse(at), value]),
        showSymbol: data.rows.length <= 14 && lines.length === 1,
        symbolSize: 6,
        lineStyle: type === 'line' ? { width: 2.25, type: index % 2 && lines.length > 4 ? [6, 3] : 'solid' } : undefined,
        areaStyle: filled ? { opacity: lines.length > 1 ? 0.75 : 1, color: lines.length > 1 ? undefined : fade(colours.series[index % colours.series.length]) } : undefined,
        itemStyle: type === 'bar' ? { borderRadius: stack ? 0 : [3, 3, 0, 0], borderColor: stack ? colours.ground : undefined, borderWidth: stack ? 0.5 : 0 } : undefined,
        barMaxWidth: 36,
        emphasis: { focus: lines.length > 1 ? 'series' : 'none' },
      };
    }),
  };
  return { option, note, height: null };
}

/** A bar a value, from the top in the order of the answer. */
function bars(base, tile, data, group, measures, colours) {
  const names = data.rows.map(row => formats.group(row[0], group));
  const shown = data.rows.length;
  const option = {
    ...base,
    grid: { ...base.grid, top: measures.length > 1 ? 34 : 2, right: 62 },
    legend: measures.length > 1 ? legend(colours) : undefined,
    tooltip: tooltip(colours, points => [heading(points[0].name), ...points.map(point => line(point.color, point.seriesName, formats.measure(point.value, tile, measures[point.seriesIndex])))], 'axis', true),
    xAxis: { type: 'value', show: false },
    yAxis: { type: 'category', inverse: true, data: names, ...axis(colours), axisLine: { show: false }, axisLabel: { color: colours.text, width: 150, overflow: 'truncate', interval: 0 } },
    series: measures.map((column, index) => ({
      name: formats.label(column.name),
      type: 'bar',
      data: data.rows.map(row => row[1 + index]),
      barMaxWidth: 22,
      itemStyle: { borderRadius: 3 },
      label: { show: true, position: 'right', color: colours.muted, formatter: point => formats.measure(point.value, tile, column) },
    })),
  };
  return { option, note: null, height: Math.max(180, shown * Math.max(26, 22 * measures.length) + 24) };
}

function heatmap(base, tile, data, [right, up], column, colours) {
  const across = inOrder(distinct(data.rows.map(row => row[0])));
  const upward = inOrder(distinct(data.rows.map(row => row[1]))).reverse();
  const [x, y] = [new Map(across.map((value, index) => [value, index])), new Map(upward.map((value, index) => [value, index]))];
  const values = data.rows.map(row => row[2]).filter(value => value !== null);
  const option = {
    ...base,
    grid: { ...base.grid, bottom: 42, right: 4 },
    tooltip: tooltip(colours, point => [
      heading(`${formats.group(upward[point.value[1]], up)} · ${formats.group(across[point.value[0]], right)}`),
      line(point.color, formats.label(column.name), formats.measure(point.value[2], tile, column))], 'item'),
    xAxis: { type: 'category', data: across.map(value => formats.group(value, right)), ...axis(colours), axisLine: { show: false }, axisLabel: { color: colours.muted, hideOverlap: true } },
    yAxis: { type: 'category', data: upward.map(value => formats.group(value, up)), ...axis(colours), axisLine: { show: false }, axisLabel: { color: colours.muted } },
    visualMap: {
      min: Math.min(...values), max: Math.max(...values), calculable: false, orient: 'horizontal', left: 'center', bottom: 0, itemWidth: 10, itemHeight: 160,
      inRange: { color: colours.ramp }, textStyle: { color: colours.muted },
      text: [formats.measure(Math.max(...values), tile, column), formats.measure(Math.min(...values), tile, column)],
    },
    series: [{ type: 'heatmap', data: data.rows.map(row => [x.get(row[0]), y.get(row[1]), row[2]]), itemStyle: { borderColor: colours.ground, borderWidth: 2, borderRadius: 4 }, progressive: 0 }],
  };
  return { option, note: null, height: null };
}

const axis = colours => ({ axisLine: { lineStyle: { color: colours.line } }, axisTick: { show: false } });

const legend = colours => ({ top: 0, left: 0, type: 'scroll', icon: 'roundRect', itemWidth: 10, itemHeight: 10, itemGap: 16, textStyle: { color: colours.text }, pageTextStyle: { color: colours.muted } });

function tooltip(colours, content, trigger, shadow) {
  return {
    trigger,
    confine: true,
    className: 'chart-tip',
    backgroundColor: colours.ground,
    borderColor: colours.line,
    padding: 10,
    textStyle: { color: colours.text, fontSize: 13 },
    axisPointer: shadow ? { type: 'shadow', shadowStyle: { color: colours.muted, opacity: 0.1 } } : { type: 'line', lineStyle: { color: colours.muted, width: 1, type: 'solid' } },
    formatter: points => content(points).length === 1 ? '' : content(points), // Elements, so that values never become markup.
  };
}

const heading = text => el('div', { class: 'tip-title' }, text);

function line(colour, name, value) {
  const mark = el('span', { class: 'tip-mark' });
  mark.style.backgroundColor = typeof colour === 'string' ? colour : '';
  return el('div', { class: 'tip-line' }, mark, el('span', {}, name), el('b', {}, value));
}

const fade = colour => new echarts.graphic.LinearGradient(0, 0, 0, 1, [{ offset: 0, color: `${colour}66` }, { offset: 1, color: `${colour}08` }]);

const iso = (value, column) => column.type === 'date' ? new Date(value).toISOString().slice(0, 10) : new Date(value).toISOString();

/** Some of the moments, evenly, for the labels of an axis. */
function sample(values) {
  const moments = distinct(values).sort((a, b) => a - b);
  const step = Math.max(1, Math.ceil(moments.length / 7));
  return moments.filter((_, index) => index % step === 0);
}

const distinct = values => [...new Set(values)];

/** Names of weekdays, months and parts of the day in the order of the calendar, numbers by size; all else as it comes. */
function inOrder(values) {
  for (const calendar of [weekdays, months, partsOfDay]) {
    const places = values.map(value => calendar.indexOf(String(value).slice(0, 3).toLowerCase()));
    if (values.length > 1 && places.every(place => place >= 0)) return values.map((value, index) => [places[index], value]).sort((a, b) => a[0] - b[0]).map(pair => pair[1]);
  }
  return values.every(value => typeof value === 'number') ? [...values].sort((a, b) => a - b) : values;
}
