// Numbers, times and names as people read them. Times of data are UTC, as the platform keeps them.

const day = new Intl.DateTimeFormat(undefined, { timeZone: 'UTC', year: 'numeric', month: 'short', day: 'numeric' });
const minute = new Intl.DateTimeFormat(undefined, { timeZone: 'UTC', year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
const shortDay = new Intl.DateTimeFormat(undefined, { timeZone: 'UTC', month: 'short', day: 'numeric' });
const shortMinute = new Intl.DateTimeFormat(undefined, { timeZone: 'UTC', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
const local = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
const compact = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });
const numbers = new Map();

export const nothing = '(none)';

/** avg_delay → Avg delay */
export const label = name => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');

export const isTime = column => column.type === 'date' || column.type === 'timestamp';
const isWhole = column => /^(byte|short|integer|long|decimal\(\d+,0\))$/.test(column.type);
export const isNumber = column => /^(byte|short|integer|long|float|double|decimal)/.test(column.type);

/** A measure: with its unit, where `%` shows shares of 1. Counts and the like come whole, others with the tile's digits. */
export function measure(value, tile, column, withUnit = true) {
  if (value === null || value === undefined) return '–';
  if (typeof value !== 'number') return String(value);
  const share = tile.unit === '%';
  const number = plain(share ? value * 100 : value, isWhole(column) && !share ? 0 : share ? tile.decimals ?? 1 : tile.decimals);
  return withUnit && tile.unit ? `${number}\u202f${tile.unit}` : number;
}

/** A moment on an axis: short. */
export const instant = (value, column) => (column.type === 'date' ? shortDay : shortMinute).format(value);

/** A measure on an axis: short. */
export const tick = (value, tile) => tile.unit === '%' ? percent.format(value) : compact.format(value);

export function plain(value, decimals) {
  const digits = decimals ?? (Number.isInteger(value) ? 0 : Math.abs(value) < 1 ? 3 : Math.abs(value) < 100 ? 2 : 1);
  if (!numbers.has(digits))
    numbers.set(digits, new Intl.NumberFormat(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  return numbers.get(digits).format(value);
}

export const change = ratio => (ratio > 0 ? '+' : ratio < 0 ? '−' : '') + percent.format(Math.abs(ratio));

/** A value to group by. */
export function group(value, column) {
  if (value === null || value === undefined || value === '') return nothing;
  if (column.type === 'date') return day.format(new Date(value));
  if (column.type === 'timestamp') return minute.format(new Date(value));
  return String(value);
}

/** Any cell of a table. */
export const cell = (value, column, tile) => column.role === 'measure' ? measure(value, tile, column) : group(value, column);

/** A moment of the platform's own, such as the end of a run, in the reader's time zone. */
export const moment = text => local.format(new Date(text));

/** 3 min ago */
export function ago(text) {
  const seconds = Math.round((Date.parse(text) - Date.now()) / 1000);
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });
  for (const [unit, length] of [['day', 86400], ['hour', 3600], ['minute', 60]])
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  return relative.format(seconds, 'second');
}

/** P30D → 30 days; PT12H → 12 hours. */
export function duration(text) {
  if (text === 'all') return 'All';
  const match = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text) ?? [];
  const words = ['week', 'day', 'hour', 'minute', 'second']
    .map((word, index) => [Number(match[index + 1] ?? 0), word])
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}${count === 1 ? '' : 's'}`);
  return words.join(' ') || text;
}

/** Of an ISO 8601 duration, in milliseconds. */
export function milliseconds(text) {
  const match = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text) ?? [];
  return [604800, 86400, 3600, 60, 1].reduce((sum, length, index) => sum + length * 1000 * Number(match[index + 1] ?? 0), 0);
}
