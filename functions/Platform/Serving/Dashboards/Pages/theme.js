// Runs before the page is drawn, so that it never flashes in the wrong colours.
(() => {
  const asked = new URLSearchParams(location.search).get('theme');
  let kept = null;
  try {
    kept = localStorage.getItem('theme');
  } catch { /* A frame may have no storage. */ }
  const theme = [asked, kept].find(word => word === 'light' || word === 'dark');
  if (theme) document.documentElement.dataset.theme = theme;
})();
