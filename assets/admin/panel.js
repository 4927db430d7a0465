// On every page of the panel: the save bar that knows whether something changed, and the code of the set-up link.
// Every page works without it.

for (const form of document.querySelectorAll('form[data-saves]')) {
  const state = form.querySelector('.save .state');
  const now = () => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));
  // A form that came back unsaved differs from what is saved, whatever is typed.
  const before = form.hasAttribute('data-unsaved') ? '' : now();
  const tell = () => {
    const dirty = now() !== before;
    form.toggleAttribute('data-dirty', dirty);
    if (state) state.textContent = dirty ? state.dataset.dirty : state.dataset.clean;
  };
  form.addEventListener('input', tell);
  form.addEventListener('change', tell);
  form.addEventListener('submit', (event) => form.toggleAttribute('data-sent', !event.submitter?.formTarget));
  tell();
}

addEventListener('beforeunload', (event) => {
  if (document.querySelector('form[data-dirty]:not([data-sent])')) event.preventDefault();
});

// The first field with an error is where work goes on.
document.querySelector('[aria-invalid="true"]')?.focus();

// The code stands behind the # of the link, which browsers send to nobody.
const code = document.querySelector('input[name="code"]');
if (code && !code.value && location.hash.length > 1) {
  code.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, '', location.pathname + location.search);
  document.querySelector('input[name="name"]')?.focus();
}

// Buttons that copy what stands beside them.
for (const button of document.querySelectorAll('button[data-copies]')) {
  const field = document.getElementById(button.dataset.copies);
  if (!field || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.copied;
  });
}
