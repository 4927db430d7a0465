// Keeps the list of platforms up to date while a refresh runs, from the server's events.

const box = document.querySelector('[data-progress]');
const ended = new Set(['saved', 'held', 'failed']);
const lang = document.documentElement.lang;

if (box) {
  const bar = box.querySelector('progress');
  const rows = new Map([...box.querySelectorAll('[data-platform]')].map((row) => [row.dataset.platform, row]));

  const tell = (platform, state, words, more) => {
    const row = rows.get(platform);
    if (!row) return;
    row.dataset.state = state;
    row.querySelector('.state').textContent = words;
    row.querySelector('.more').textContent = more;
    bar.value = [...rows.values()].filter((other) => ended.has(other.dataset.state)).length;
  };

  box.querySelector('.again')?.remove();
  const events = new EventSource(`/api/mediakit/refresh-events?lang=${lang}`);
  events.addEventListener('platform', ({ data }) => {
    const { platform, state, followers, detail } = JSON.parse(data);
    const count = followers === null ? '' : followers.toLocaleString(lang);
    tell(platform, state, box.dataset[state], detail ?? count);
  });
  // What ended before the stream was open is on the page as it is now.
  events.addEventListener('open', async () => {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
    for (const row of page.querySelectorAll('[data-platform]')) {
      const { platform, state } = row.dataset;
      if (ended.has(state)) tell(platform, state, row.querySelector('.state').textContent, row.querySelector('.more').textContent);
    }
  });
}
