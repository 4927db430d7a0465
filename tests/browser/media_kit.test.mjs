// The media kit as its visitors meet it: phone and desktop, light and dark, German and English,
// with keyboard, without script, with assistive technology.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import http from 'node:http';
import AxeBuilder from '@axe-core/playwright';
import { HtmlValidate, StaticConfigLoader } from 'html-validate';
import { launchBrowser, screenshot, startDemo, withPage } from './harness.mjs';

const WIDTHS_PX = [320, 390, 768, 1280];
const SCHEMES = ['light', 'dark'];
const LOCALES = { de: 'de-DE', en: 'en-GB' };
const PAGE_LIMIT_BYTES = 30 * 1024;
const TABS = 'nav.tabs a[data-panel]';

let demo;
let browser;

before(async () => {
  demo = await startDemo();
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** Opens the media kit with these context options and hands the page to `use`. */
function onMediaKit(options, use) {
  return withPage(browser, demo.origin, { locale: LOCALES.de, ...options }, async (page, context) => {
    const answer = await page.goto('/mediakit');
    assert.equal(answer.status(), 200);
    return use(page, context);
  });
}

/** One plain request, with nothing that a client library would add or unpack. */
function get(path, headers = {}) {
  return new Promise((resolve, reject) => {
    http
      .get(demo.origin + path, { headers }, (answer) => {
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) }));
        answer.on('error', reject);
      })
      .on('error', reject);
  });
}

describe('language', () => {
  const language = (page) => page.locator('html').getAttribute('lang');

  for (const [lang, locale] of Object.entries(LOCALES)) {
    test(`a visitor whose browser asks for ${lang} reads ${lang}`, () =>
      onMediaKit({ locale }, async (page) => assert.equal(await language(page), lang)));
  }

  test('?lang= wins over the browser', () =>
    onMediaKit({}, async (page) => {
      await page.goto('/mediakit?lang=en');
      assert.equal(await language(page), 'en');
    }));

  test('without a wish it is German', async () => {
    const { body } = await get('/mediakit');
    assert.match(body.toString(), /<html[^>]* lang="?de\b/);
  });

  test('every visible text changes with the language', async () => {
    const headings = (lang) =>
      onMediaKit({ locale: LOCALES[lang] }, (page) => page.locator('h2').allInnerTexts());
    const [de, en] = [await headings('de'), await headings('en')];
    assert.equal(de.length, en.length);
    assert.notDeepEqual(de, en);
  });
});

describe('layout', () => {
  for (const width of WIDTHS_PX) {
    test(`nothing is wider than the screen at ${width} px`, () =>
      onMediaKit({ viewport: { width, height: 800 } }, async (page) => {
        const wide = await page.evaluate(() => {
          const limit = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= limit) return [];
          return [...document.body.querySelectorAll('*')]
            .filter((element) => element.getBoundingClientRect().left + element.scrollWidth > limit + 0.5)
            .map((element) => `${element.tagName}.${element.className}`)
            .concat(`the page: ${document.documentElement.scrollWidth} px`)
            .slice(-8);
        });
        assert.deepEqual(wide, []);
      }));
  }

  for (const [lang, locale] of Object.entries(LOCALES)) {
    for (const colorScheme of SCHEMES) {
      for (const [device, width, height] of [['phone', 390, 844], ['desktop', 1280, 900]]) {
        test(`picture: ${device}, ${colorScheme}, ${lang}`, () =>
          onMediaKit({ locale, colorScheme, viewport: { width, height } }, (page) =>
            screenshot(page, `mediakit-${device}-${colorScheme}-${lang}`)));
      }
    }
  }
});

describe('accessibility', () => {
  for (const colorScheme of SCHEMES) {
    for (const width of [390, 1280]) {
      test(`axe finds nothing, ${colorScheme}, ${width} px`, () =>
        onMediaKit({ colorScheme, viewport: { width, height: 900 } }, async (page) => {
          // Opened, so that what the disclosures hold is looked at too.
          await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
          const { violations } = await new AxeBuilder({ page }).analyze();
          assert.deepEqual(
            violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.target.join(' ')}`)),
            [],
          );
        }));
    }
  }

  test('the keyboard reaches every tab and every disclosure', () =>
    onMediaKit({ viewport: { width: 1280, height: 900 } }, async (page) => {
      const count = await page.evaluate((tabs) => {
        const wanted = [...document.querySelectorAll(`${tabs}, summary`)].filter((element) => element.checkVisibility());
        wanted.forEach((element, index) => (element.dataset.wanted = index));
        return wanted.length;
      }, TABS);
      assert.ok(count > 0, 'no tab and no disclosure on the page');
      const reached = new Set();
      const stops = await page.locator('a[href], button, summary, input, select, textarea, [tabindex]').count();
      for (let press = 0; press <= stops && reached.size < count; press += 1) {
        await page.keyboard.press('Tab');
        const focused = await page.evaluate(() => {
          const element = document.activeElement;
          const style = getComputedStyle(element);
          const ring = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
          return { wanted: element.dataset.wanted, ring, what: element.outerHTML.slice(0, 80) };
        });
        if (focused.wanted !== undefined) {
          reached.add(focused.wanted);
          assert.ok(focused.ring, `no visible focus on ${focused.what}`);
        }
      }
      assert.equal(reached.size, count);
    }));

  test('Enter opens a disclosure and chooses a tab', () =>
    onMediaKit({}, async (page) => {
      const summary = page.locator('summary:visible').first();
      await summary.focus();
      await page.keyboard.press('Enter');
      assert.equal(await summary.locator('xpath=..').getAttribute('open'), '');
      const last = page.locator(TABS).last();
      const panel = await last.getAttribute('data-panel');
      await last.focus();
      await page.keyboard.press('Enter');
      await page.locator(`#${panel}`).waitFor({ state: 'visible' });
    }));
});

describe('without script', () => {
  test('every tab shows its panel', () =>
    onMediaKit({ javaScriptEnabled: false }, async (page) => {
      const tabs = await page.locator(TABS).evaluateAll((links) => links.map((link) => link.dataset.panel));
      assert.ok(tabs.length > 1, `one tab per platform, found ${tabs.length}`);
      for (const panel of tabs) {
        await page.locator(`${TABS}[data-panel="${panel}"]`).click();
        await page.locator(`#${panel}`).waitFor({ state: 'visible' });
        assert.equal(await page.locator('.panel:visible').count(), 1, `only ${panel} is shown`);
      }
    }));
});

describe('honesty', () => {
  test('every figure stands on its source line', () =>
    onMediaKit({}, async (page) => {
      const figures = await page.locator('[data-figure]').evaluateAll((elements) =>
        elements.map((element) => {
          const place = element.querySelector('.source') ?? element.closest('details, li')?.querySelector('.source');
          return { name: element.dataset.figure, source: place?.textContent.trim() ?? '' };
        }),
      );
      assert.ok(figures.length > 0, 'no element with data-figure on the page');
      assert.deepEqual(figures.filter((figure) => !figure.source).map((figure) => figure.name), []);
      assert.deepEqual(figures.filter((figure) => !/^[a-z]+\.[a-z_]+$/.test(figure.name)), [], 'data-figure is <platform>.<key>');
    }));
});

describe('what is served', () => {
  for (const path of ['/mediakit', '/mediakit?lang=en', '/nothing-here']) {
    test(`html-validate finds nothing in ${path}`, async () => {
      const { body } = await get(path);
      const loader = new StaticConfigLoader({
        extends: ['html-validate:recommended', 'html-validate:a11y'],
        rules: {
          // A style of writing, not a fault: HTML allows both, and the page is shorter this way.
          'attr-quotes': 'off',
          'void-style': 'off',
          'no-trailing-whitespace': 'off',
          'long-title': 'off', // the creator's own name
          'doctype-style': 'off',
        },
      });
      const report = await new HtmlValidate(loader).validateString(body.toString());
      assert.deepEqual(
        report.results.flatMap(({ messages }) => messages.map((m) => `${m.line}:${m.column} ${m.ruleId}: ${m.message}`)),
        [],
      );
    });
  }

  for (const encoding of ['br', 'gzip']) {
    test(`the page is at most 30 KB with ${encoding}`, async () => {
      const { headers, body } = await get('/mediakit', { 'accept-encoding': encoding });
      assert.equal(headers['content-encoding'], encoding);
      assert.ok(body.length <= PAGE_LIMIT_BYTES, `${body.length} bytes`);
    });
  }

  for (const path of ['/mediakit', '/nothing-here', '/api/mediakit/follower-summary', '/api/mediakit/analytics/myspace', '/admin', '/healthz']) {
    test(`${path} sets no cookie, and its Content-Security-Policy allows nothing unsafe`, async () => {
      const { headers } = await get(path);
      assert.equal(headers['set-cookie'], undefined);
      const policy = headers['content-security-policy'] ?? '';
      assert.match(policy, /default-src 'none'/);
      assert.doesNotMatch(policy, /unsafe-|\*|https?:(?!\/\/)/);
    });
  }

  test('a page that has not changed is not sent again', async () => {
    const { headers } = await get('/mediakit', { 'accept-encoding': 'br' });
    assert.ok(headers.etag, 'no ETag');
    const again = await get('/mediakit', { 'accept-encoding': 'br', 'if-none-match': headers.etag });
    assert.equal(again.status, 304);
    assert.equal(again.body.length, 0);
  });
});
