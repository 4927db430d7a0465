// Turns the platform links into tabs that switch in place. Without this file they are ordinary links.
const list = document.querySelector('.tabs ul');

if (list) {
  const tabs = [...list.querySelectorAll('a')];
  const panelOf = (tab) => document.getElementById(tab.dataset.panel);
  const first = tabs.find((tab) => tab.hasAttribute('aria-current')) ?? tabs[0];

  const show = (tab) => {
    for (const other of tabs) {
      const on = other === tab;
      other.setAttribute('aria-selected', on);
      other.tabIndex = on ? 0 : -1;
      panelOf(other).hidden = !on;
    }
  };
  // A click makes a step to go back to; walking along the tabs with the arrow keys makes none.
  const choose = (tab, keep) => {
    if (tab.getAttribute('aria-selected') === 'true') return;
    show(tab);
    history[keep](null, '', tab.href);
  };

  list.setAttribute('role', 'tablist');
  list.setAttribute('aria-label', list.parentElement.getAttribute('aria-label'));
  list.parentElement.removeAttribute('aria-label');
  list.parentElement.setAttribute('role', 'presentation');
  for (const tab of tabs) {
    tab.removeAttribute('aria-current');
    tab.parentElement.setAttribute('role', 'presentation');
    tab.setAttribute('role', 'tab');
    tab.id = `tab-${tab.dataset.panel}`;
    tab.setAttribute('aria-controls', tab.dataset.panel);
    panelOf(tab).setAttribute('role', 'tabpanel');
    panelOf(tab).setAttribute('aria-labelledby', tab.id);
  }
  show(first);

  list.addEventListener('click', (event) => {
    const tab = event.target.closest('a');
    if (!tab || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    choose(tab, 'pushState');
  });
  list.addEventListener('keydown', (event) => {
    const at = tabs.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: tabs.length - 1, ' ': at }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const tab = tabs[(to + tabs.length) % tabs.length];
    tab.focus();
    choose(tab, 'replaceState');
  });
  addEventListener('popstate', () => {
    show(tabs.find((tab) => tab.search === location.search && tab.pathname === location.pathname) ?? first);
  });
}
