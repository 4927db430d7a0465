// What every page is held to, whatever it shows. Each check returns what it found, in words; nothing is good.

import assert from 'node:assert/strict';
import AxeBuilder from '@axe-core/playwright';
import { HtmlValidate, StaticConfigLoader } from 'html-validate';

const VALIDATOR = new HtmlValidate(new StaticConfigLoader({
  extends: ['html-validate:recommended', 'html-validate:a11y'],
  rules: {
    // A style of writing, not a fault: HTML allows both, and the page is shorter this way.
    'attr-quotes': 'off',
    'void-style': 'off',
    'no-trailing-whitespace': 'off',
    'long-title': 'off', // the creator's own name
    'doctype-style': 'off',
  },
}));

/** Holds a page to all of them; `html` is its markup, which is asked for when none is given. */
export async function holds(page, html) {
  const markup = html ?? (await (await page.request.get(page.url())).text());
  assert.deepEqual([...(await tooWide(page)), ...(await axeFaults(page)), ...(await markupFaults(markup))], []);
}

/** What html-validate finds. */
export async function markupFaults(html) {
  const { results } = await VALIDATOR.validateString(html);
  return results.flatMap(({ messages }) => messages.map((m) => `${m.line}:${m.column} ${m.ruleId}: ${m.message}`));
}

/** What axe finds. */
export async function axeFaults(page) {
  // A page of ours in a frame is held to this on its own; so all of it runs in the page, which takes a third of the time.
  const axe = new AxeBuilder({ page }).exclude('iframe').setLegacyMode(true).options({ resultTypes: ['violations'] });
  const { violations } = await axe.analyze();
  return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.target.join(' ')}`));
}

/** Words in these elements that stand on two lines; a hyphen is a place to break at. */
export function brokenWords(page, selector) {
  return page.locator(selector).evaluateAll((elements) => {
    const broken = [];
    for (const element of elements) {
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        for (const { 0: word, index } of walker.currentNode.data.matchAll(/[^\s-]+/g)) {
          const range = new Range();
          range.setStart(walker.currentNode, index);
          range.setEnd(walker.currentNode, index + word.length);
          const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
          if (lines.size > 1) broken.push(word);
        }
      }
    }
    return broken;
  });
}

/** What makes the page wider than the screen. */
export function tooWide(page) {
  return page.evaluate(() => {
    const limit = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= limit) return [];
    return [...document.body.querySelectorAll('*')]
      .filter((element) => element.getBoundingClientRect().left + element.scrollWidth > limit + 0.5)
      .map((element) => `${element.tagName}.${element.className}`)
      .concat(`the page: ${document.documentElement.scrollWidth} px`)
      .slice(-8);
  });
}
