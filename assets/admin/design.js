// The design: shows every choice on the real page before it is saved. Picking a colour means wanting one.

const form = document.querySelector('form[data-previews]');
const frame = document.querySelector('iframe[name=preview]');
const peek = document.querySelector('a.peek');
const own = form.elements['own-accent'];
let waiting;

form.elements.accent.addEventListener('input', () => { own.checked = true; });
form.addEventListener('input', () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const chosen = new URLSearchParams([...new FormData(form)].filter(([name]) => !['form_token', 'version'].includes(name)));
    const address = `${form.dataset.previews}?${chosen}`;
    peek.href = address;
    // Replaced, not visited: the way back stays the way back.
    if (frame.checkVisibility()) frame.contentWindow.location.replace(address);
  }, 150);
});
