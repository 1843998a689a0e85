// What the reader chose, in the page's address: whoever opens it sees the same.

export const range = ['last', 'from', 'to'];

/** The choices as query options of the data requests: the time and the filters. */
export function choices() {
  const all = new URLSearchParams(location.search);
  return new URLSearchParams([...all].filter(([name]) => range.includes(name) || name.startsWith('filter.')));
}

export const filter = dimension => new URLSearchParams(location.search).getAll(`filter.${dimension}`);

export const read = name => new URLSearchParams(location.search).get(name);

/** Replaces options, each by a list of values; an empty list leaves it out. */
export function write(changes) {
  const all = new URLSearchParams(location.search);
  for (const [name, values] of Object.entries(changes)) {
    all.delete(name);
    for (const value of values) all.append(name, value);
  }
  const search = all.toString();
  history.replaceState(null, '', location.pathname + (search ? `?${search}` : '') + location.hash);
}
