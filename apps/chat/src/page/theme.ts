/** Light, dark, or what the system says: kept in this browser, set before the page is drawn. */
const key = 'vibe-theme';
const root = document.documentElement;

function isDark(): boolean {
  const chosen = root.dataset['theme'];
  return chosen === undefined ? matchMedia('(prefers-color-scheme: dark)').matches : chosen === 'dark';
}

const stored = localStorage.getItem(key);
if (stored === 'light' || stored === 'dark') root.dataset['theme'] = stored;

document.addEventListener('click', (event) => {
  if (!(event.target instanceof Element) || event.target.closest('#theme') === null) return;
  const next = isDark() ? 'light' : 'dark';
  root.dataset['theme'] = next;
  localStorage.setItem(key, next);
});
