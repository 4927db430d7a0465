// The profile: looks at a handle while it is typed, and shows a chosen picture before it is sent.

const token = document.querySelector('meta[name="form-token"]')?.content ?? '';

for (const input of document.querySelectorAll('input[data-looks]')) {
  const found = document.getElementById(`${input.id}-found`);
  const before = input.value.trim();
  let asked = before;
  let waiting;
  let asking;

  const look = async () => {
    const handle = input.value.trim();
    if (handle === asked) return;
    asked = handle;
    asking?.abort();
    found.removeAttribute('data-good');
    if (!handle || handle === before) {
      found.textContent = '';
      return;
    }
    asking = new AbortController();
    found.textContent = found.dataset.asks;
    const body = new URLSearchParams({ form_token: token, platform: input.dataset.looks, handle });
    try {
      const answer = await fetch('/admin/profile/look', { method: 'POST', body, signal: asking.signal });
      const { good, words } = await answer.json();
      found.textContent = words ?? '';
      found.toggleAttribute('data-good', Boolean(good));
    } catch (error) {
      if (error.name !== 'AbortError') found.textContent = '';
    }
  };
  input.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, 700);
  });
  input.addEventListener('change', look);
}

for (const image of document.querySelectorAll('img[data-shows]')) {
  const input = document.getElementById(image.dataset.shows);
  input?.addEventListener('change', async () => {
    const file = input.files[0];
    if (!file) return;
    const reader = new FileReader();
    reader.addEventListener('load', () => { image.src = reader.result; });
    reader.readAsDataURL(file);
  });
}
