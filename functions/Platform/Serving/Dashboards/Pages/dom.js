// Makes elements. Text never becomes markup: there is no innerHTML on these pages.

const SVG = 'http://www.w3.org/2000/svg';

/** An element with attributes (`on…` are listeners, null and false are left out) and children (texts, elements, nothing). */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(...children.flat().filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

/** An element of SVG. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  set(element, attributes);
  element.append(...children);
  return element;
}

const paths = {
  chart: 'M4 19V5M4 19h16M8 15l4-5 3 3 5-7',
  table: 'M4 5h16v14H4zM4 10h16M4 14.5h16M10 10v9',
  download: 'M12 4v11m0 0 4-4m-4 4-4-4M5 19h14',
  refresh: 'M19 12a7 7 0 1 1-2-4.9M19 4v4h-4',
  share: 'M9 12h6m-5-4H8a4 4 0 0 0 0 8h2m4-8h2a4 4 0 0 1 0 8h-2',
  theme: 'M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16',
  key: 'M14 10a4 4 0 1 1-2.2-3.6A4 4 0 0 1 14 10Zm-1 2 6 6m-2.5-2.5L15 17',
  down: 'm7 10 5 5 5-5',
  up: 'm7 14 5-5 5 5',
  copy: 'M9 9h10v10H9zM15 9V5H5v10h4',
  check: 'm5 12 5 5 9-10',
};

/** A drawn sign, which says nothing to screen readers. */
export function icon(name) {
  return svg('svg', { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true', focusable: 'false' }, svg('path', { d: paths[name] }));
}

/** A button with a sign, and words for those who don't see it. */
export function iconButton(name, label, onclick, attributes = {}) {
  return el('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label, onclick, ...attributes }, icon(name));
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
}
