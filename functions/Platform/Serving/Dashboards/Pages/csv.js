// A tile's rows as a CSV file (RFC 4180), with the values as the platform sent them.

export function toCsv(columns, rows) {
  return [columns.map(column => column.name), ...rows].map(row => row.map(field).join(',')).join('\r\n') + '\r\n';
}

export function download(name, columns, rows) {
  const url = URL.createObjectURL(new Blob([toCsv(columns, rows)], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${name}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function field(value) {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  // Spreadsheets run text that begins like this; behind an apostrophe they show it.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
