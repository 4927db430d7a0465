// The links tab: entries are dragged by a grip, or moved with the arrow keys on it, and every move is saved and said.
// Without this file the buttons for up and down do the same, one step and one page at a time.

const list = document.querySelector('[data-order]');

if (list) {
  const said = document.getElementById('said');
  const rows = () => [...list.children];
  const title = (row) => row.querySelector('.title').textContent;
  const fill = (words, values) => words.replace(/\{(\w*)\}/g, (_, name) => values[name]);
  const say = (words) => { said.textContent = words; };
  const order = () => rows().map((row) => row.dataset.entry).join();
  let saved = order();

  const save = async () => {
    const now = order();
    if (now === saved) return;
    const token = document.querySelector('meta[name="form-token"]').content;
    const body = new URLSearchParams({ order: now, form_token: token });
    try {
      // The answer to a saved order leads back to this page, which shows it already.
      const answer = await fetch('/admin/links/order', { method: 'POST', body, redirect: 'manual' });
      if (answer.type !== 'opaqueredirect') throw new Error(`status ${answer.status}`);
      saved = now;
      said.className = 'vh';
    } catch {
      say(list.dataset.failed);
      said.className = 'alert';
    }
  };

  // The buttons at the ends have nowhere to go.
  const mark = () => rows().forEach((row, at, all) => {
    row.querySelector('[value="up"]').setAttribute('aria-disabled', at === 0);
    row.querySelector('[value="down"]').setAttribute('aria-disabled', at === all.length - 1);
  });
  const tell = (row) => say(fill(list.dataset.place, { title: title(row), place: rows().indexOf(row) + 1, all: rows().length }));
  // The others step aside, so that what is held or has the focus never leaves the page.
  const put = (row, before) => {
    const others = rows().filter((other) => other !== row);
    const at = before ? others.indexOf(before) : others.length;
    row.before(...others.slice(0, at));
    row.after(...others.slice(at));
    mark();
    tell(row);
  };
  const step = (row, up) => {
    const other = up ? row.previousElementSibling : row.nextElementSibling;
    if (other) put(row, up ? other : other.nextElementSibling);
    else tell(row);
    save();
  };

  // Dragging: the row goes where the pointer is, the list is saved where it is let go.
  const drag = (grip, row, start) => {
    start.preventDefault();
    grip.focus();
    grip.setPointerCapture(start.pointerId);
    row.classList.add('dragged');
    const before = row.nextElementSibling;
    const move = (event) => {
      const at = event.clientY;
      const others = rows().filter((other) => other !== row);
      const next = others.find((other) => {
        const { top, height } = other.getBoundingClientRect();
        return at < top + height / 2;
      });
      if ((next ?? null) !== row.nextElementSibling) put(row, next ?? null);
    };
    const end = (event) => {
      grip.removeEventListener('pointermove', move);
      row.classList.remove('dragged');
      if (event.type === 'pointercancel') put(row, before);
      save();
    };
    grip.addEventListener('pointermove', move);
    grip.addEventListener('pointerup', end, { once: true });
    grip.addEventListener('pointercancel', end, { once: true });
  };

  for (const row of rows()) {
    const grip = document.createElement('button');
    grip.type = 'button';
    grip.className = 'sign grip';
    grip.innerHTML = '<svg class="icon" aria-hidden="true"><use href="#i-grip"/></svg>';
    grip.setAttribute('aria-label', list.dataset.grip.replace('{}', title(row)));
    row.prepend(grip);
    grip.addEventListener('pointerdown', (event) => { if (!event.button) drag(grip, row, event); });
    grip.addEventListener('keydown', (event) => {
      if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
      event.preventDefault();
      step(row, event.key === 'ArrowUp');
    });
  }
  list.addEventListener('submit', (event) => {
    if (event.submitter?.name !== 'to') return;
    event.preventDefault();
    step(event.target.closest('[data-entry]'), event.submitter.value === 'up');
  });
}

// Until a zone was chosen, the browser's own is the better guess; times that stand there are by the zone beside them.
const zone = document.querySelector('input[name="zone"]');
const times = [...document.querySelectorAll('input[type="datetime-local"]')];
if (zone && document.querySelector('input[name="zone-chosen"]').value === 'false' && times.every((time) => !time.value)) {
  zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? zone.value;
}
