// Colours that people with any kind of colour vision tell apart (Okabe and Ito's, darkened or lightened until they stand out from the ground).

const light = {
  series: ['#0072b2', '#d55e00', '#008262', '#b5508f', '#a87600', '#3e94c9', '#5b5bb5', '#6b7280'],
  text: '#1b2433', muted: '#5c6778', line: '#e3e7ed', ground: '#ffffff', focus: '#0b62a8',
  ramp: ['#eef5fb', '#c5dff1', '#8bbfe2', '#4a97ca', '#1a6ea8', '#0a4674'],
};
const dark = {
  series: ['#56b4e9', '#f0883e', '#2ec4a0', '#e08cc0', '#e6b93d', '#8ea8ff', '#c3a6f5', '#a3adbb'],
  text: '#e7ebf1', muted: '#9ba7b8', line: '#273244', ground: '#151c28', focus: '#7cc0f2',
  ramp: ['#182538', '#1d3d5c', '#245f8d', '#3c8ac0', '#76b7e3', '#c4e3f8'],
};

const preference = matchMedia('(prefers-color-scheme: dark)');

export const isDark = () => (document.documentElement.dataset.theme ?? (preference.matches ? 'dark' : 'light')) === 'dark';

export const palette = () => isDark() ? dark : light;

/** Turns to the other theme and keeps it. */
export function turn() {
  const theme = isDark() ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem('theme', theme);
  } catch { /* A frame may have no storage. */ }
  document.dispatchEvent(new Event('themechange'));
}

preference.addEventListener('change', () => document.dispatchEvent(new Event('themechange')));
