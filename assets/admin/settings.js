// On the pages of the settings: says what a time in UTC is on the reader's own clock. Everything works without it.

for (const place of document.querySelectorAll('[data-utc]')) {
  const field = place.querySelector('input');
  const local = place.querySelector('.local');
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const tell = () => {
    const [hour, minute] = field.value.split(':').map(Number);
    local.hidden = !Number.isInteger(hour) || !Number.isInteger(minute);
    if (local.hidden) return;
    const at = new Date();
    at.setUTCHours(hour, minute, 0, 0);
    const clock = at.toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit' });
    local.textContent = place.dataset.words.replace('{}', clock).replace('{zone}', zone);
  };
  field.addEventListener('input', tell);
  tell();
}
