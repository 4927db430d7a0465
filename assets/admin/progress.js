// Keeps the list of platforms up to date while a refresh runs, from the server's events.

const box = document.querySelector('[data-progress]');
const bar = box?.querySelector('progress');
const ended = new Set(['saved', 'held', 'failed']);
const short = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1, notation: 'standard' });

if (box) {
  box.querySelector('.again')?.remove();
  const events = new EventSource(`/api/mediakit/refresh-events?lang=${document.documentElement.lang}`);
  const rows = new Map([...box.querySelectorAll('[data-platform]')].map((row) => [row.dataset.platform, row]));

  const count = () => {
    bar.value = [...rows.values()].filter((row) => ended.has(row.dataset.state)).length;
  };
  events.addEventListener('platform', ({ data }) => {
    const { platform, state, followers, detail } = JSON.parse(data);
    const row = rows.get(platform);
    if (!row) return;
    row.dataset.state = state;
    row.querySelector('.state').textContent = box.dataset[state];
    row.querySelector('.more').textContent = detail ?? (followers === null ? '' : short.format(followers));
    count();
  });
}
