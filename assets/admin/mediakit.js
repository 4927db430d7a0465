// The media kit tab: shows a refresh while it runs, moves blocks by dragging and keeps the preview at what is typed.
// Everything works without it: forms lead to pages, blocks have buttons, the preview has one too.

const token = document.querySelector('meta[name="form-token"]')?.content ?? '';
const page = async (answer) => new DOMParser().parseFromString(await answer.text(), 'text/html');

// A refresh: the page watches first and asks then, so that it misses no step.
let watching;

const board = () => document.querySelector('[data-board]');

const tell = () => {
  const list = board();
  const lines = [...list.querySelectorAll('li[data-asked]')];
  const over = lines.filter((line) => ['saved', 'held', 'failed'].includes(line.dataset.state));
  const bar = list.querySelector('progress');
  bar.hidden = false;
  bar.max = lines.length || 1;
  bar.value = over.length;
  list.querySelector('.standing').textContent = list.dataset.of.replace('{}', over.length).replace('{}', lines.length);
};

const step = ({ platform, state, detail }) => {
  const line = board().querySelector(`li[data-platform="${CSS.escape(platform)}"]`);
  if (!line) return;
  line.dataset.asked = '';
  line.dataset.state = state;
  line.querySelector('.state').textContent = board().dataset[state] ?? state;
  line.querySelector('.detail').textContent = detail ?? '';
  tell();
};

/** Shows where it stands as the server says, with what can be done about failures. */
const settle = async () => {
  watching?.close();
  watching = undefined;
  const now = (await page(await fetch('/admin/mediakit/refresh'))).querySelector('[data-board]');
  if (!now) return;
  board().replaceWith(now);
  const { asked, of, running } = now.dataset;
  if (running === 'true') watch();
  else now.querySelector('.standing').textContent = of.replace('{}', asked).replace('{}', asked);
};

const settleIfOver = async () => {
  const now = (await page(await fetch('/admin/mediakit/refresh'))).querySelector('[data-board]');
  if (now?.dataset.running === 'false') await settle();
};

const watch = (then) => {
  watching?.close();
  watching = new EventSource('/api/mediakit/refresh-events');
  // What ended before the stream was open is said by nobody: the page is asked once more.
  watching.addEventListener('open', then ?? settleIfOver, { once: true });
  watching.addEventListener('platform', (event) => step(JSON.parse(event.data)));
  watching.addEventListener('finished', settle);
  return watching;
};

if (board()) {
  if (board().dataset.running === 'true') watch();
  document.addEventListener('submit', (event) => {
    const form = event.target.closest('form[data-refresh]');
    if (!form) return;
    event.preventDefault();
    const ask = async () => {
      const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) });
      const now = (await page(answer)).querySelector('[data-board]');
      if (!answer.ok) form.submit();
      else if (now?.dataset.running === 'false') await settle();
    };
    // Without a stream the form goes its ordinary way.
    watch(ask).addEventListener('error', () => watching && form.submit(), { once: true });
  });
}

// Blocks are dragged by their grip; the buttons do the same.
const list = document.querySelector('[data-blocks]');
let dragged;

for (const grip of list?.querySelectorAll('.grip') ?? []) {
  const row = grip.closest('li');
  grip.hidden = false;
  grip.addEventListener('pointerdown', () => (row.draggable = true));
  row.addEventListener('dragstart', (event) => {
    dragged = row;
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', row.dataset.block);
  });
  row.addEventListener('dragend', () => {
    row.draggable = false;
    dragged = undefined;
  });
}
list?.addEventListener('dragover', (event) => {
  const over = event.target.closest('li');
  if (!dragged || !over) return;
  event.preventDefault();
  const { top, height } = over.getBoundingClientRect();
  if (over !== dragged) over[event.clientY < top + height / 2 ? 'before' : 'after'](dragged);
});
list?.addEventListener('drop', async (event) => {
  if (!dragged) return;
  event.preventDefault();
  const [id, to] = [dragged.dataset.block, [...list.children].indexOf(dragged)];
  const body = new URLSearchParams({ form_token: token, to });
  const answer = await fetch(`/admin/mediakit/block/${id}/move`, { method: 'POST', body });
  location.assign(answer.url);
});

// The preview: a frame made anew for each state, so that the way back stays the way back.
const previews = document.querySelector('form[data-previews]');
const frame = () => document.querySelector('iframe[name="preview"]');
const anchored = (shown) => shown.contentDocument?.getElementById(shown.dataset.anchor);
let typing;

const preview = async () => {
  const old = frame();
  if (!old.checkVisibility()) return;
  const answer = await fetch(previews.dataset.previews, { method: 'POST', body: new URLSearchParams(new FormData(previews)) });
  if (answer.status !== 200) return;
  const fresh = old.cloneNode();
  fresh.removeAttribute('src');
  fresh.removeAttribute('loading');
  fresh.srcdoc = await answer.text();
  fresh.dataset.loading = '';
  fresh.addEventListener('load', () => {
    anchored(fresh)?.scrollIntoView();
    fresh.removeAttribute('data-loading');
    old.remove();
  }, { once: true });
  old.after(fresh);
};

if (previews && frame()) {
  previews.querySelector('.look-first').hidden = frame().checkVisibility();
  frame().addEventListener('load', () => anchored(frame())?.scrollIntoView(), { once: true });
  previews.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(preview, 400);
  });
  if (previews.hasAttribute('data-unsaved')) preview();
}
