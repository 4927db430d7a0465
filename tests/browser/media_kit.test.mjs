// The media kit as its visitors meet it: phone and desktop, light and dark, German and English,
// with keyboard, without script, with assistive technology.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import http from 'node:http';
import { axeFaults, markupFaults, tooWide } from './checks.mjs';
import { launchBrowser, screenshot, startDemo, withPage } from './harness.mjs';

const WIDTHS_PX = [320, 390, 768, 1280];
const SCHEMES = ['light', 'dark'];
const LOCALES = { de: 'de-DE', en: 'en-GB' };
const PAGE_LIMIT_BYTES = 30 * 1024;
/** Long enough for an outage of TikTok, which the demo has had 47 days ago. */
const DAYS = 60;
const TABS = 'nav.tabs a[data-panel]';

let demo;
let browser;

before(async () => {
  demo = await startDemo(DAYS);
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
        assert.deepEqual(await tooWide(page), []);
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
          assert.deepEqual(await axeFaults(page), []);
        }));
    }
  }

  test('the keyboard reaches the tabs and every disclosure', () =>
    onMediaKit({ viewport: { width: 1280, height: 900 } }, async (page) => {
      const count = await page.evaluate((tabs) => {
        // A list of tabs is one stop; the arrow keys go from one to the next.
        const wanted = [...document.querySelectorAll(`${tabs}[aria-selected=true], summary`)].filter((element) => element.checkVisibility());
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

  test('the arrow keys walk along the tabs, and going back leaves the page', () =>
    onMediaKit({}, async (page) => {
      const panels = await page.locator(TABS).evaluateAll((tabs) => tabs.map((tab) => tab.dataset.panel));
      const steps = await page.evaluate(() => history.length);
      await page.locator(`${TABS}[aria-selected=true]`).focus();
      for (const panel of [...panels.slice(1), panels[0]]) {
        await page.keyboard.press('ArrowRight');
        await page.locator(`#${panel}`).waitFor({ state: 'visible' });
        assert.equal(await page.evaluate(() => document.activeElement.dataset.panel), panel);
        assert.equal(await page.locator('.panel:visible').count(), 1);
      }
      assert.equal(await page.evaluate(() => history.length), steps);
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

describe('charts', () => {
  /** Opens TikTok's panel, whose history has a gap, and hands its chart to `use`. */
  const onChart = (options, use) =>
    onMediaKit(options, async (page) => {
      await page.goto('/mediakit?platform=tiktok');
      return use(page, page.locator('#panel-tiktok .growth'));
    });

  test('one window is shown, and the ticked one follows with and without script', async () => {
    for (const javaScriptEnabled of [true, false]) {
      await onChart({ javaScriptEnabled }, async (page, chart) => {
        assert.deepEqual(await chart.locator('label').allInnerTexts(), ['30 Tage', '90 Tage', '1 Jahr', 'alles']);
        assert.match(await chart.locator('.choice:visible p').innerText(), /Gemessen wird seit/);
        await chart.getByText('30 Tage').click();
        assert.equal(await chart.locator('.choice:visible').count(), 1);
        assert.match(await chart.locator('.choice:visible p').innerText(), /Das sind \+\d/);
        assert.equal(await page.locator('#panel-tiktok .plot:visible').count(), 1);
      });
    }
  });

  test('the keyboard chooses the window', () =>
    onChart({}, async (page, chart) => {
      await chart.locator('input:checked').focus();
      await page.keyboard.press('ArrowRight');
      assert.equal(await chart.locator('input:checked').getAttribute('id'), 'window-tiktok-365');
      await chart.locator('.choice').nth(2).waitFor({ state: 'visible' });
    }));

  test('a gap says on a tap why it is one', () =>
    onChart({}, async (page, chart) => {
      const more = chart.locator('.choice:visible summary');
      assert.equal(await more.innerText(), 'Werte und Herkunft, 1 Lücke');
      await more.click();
      assert.match(await chart.locator('.choice:visible details').innerText(), /kein Wert\. TikTok hat gerade selbst eine Störung\./);
      assert.ok((await chart.locator('.choice:visible tbody tr').count()) > 5);
    }));

  test('what is drawn needs no stylesheet', () =>
    onChart({}, async (page, chart) => {
      const svg = await chart.locator('.choice:visible .plot').evaluate((element) => element.outerHTML);
      assert.doesNotMatch(svg, /style=|var\(|url\(/);
      await page.setContent(`<body>${svg}</body>`);
      const [line, area] = await page.evaluate(() => {
        const path = (selector) => getComputedStyle(document.querySelector(selector));
        return [path('[stroke-width="2"]').fill, path('[fill-opacity]').fillOpacity];
      });
      assert.deepEqual([line, area], ['none', '0.08']);
    }));

  test('an engagement rate switches between its definitions', () =>
    onChart({}, async (page) => {
      const rate = page.locator('#panel-tiktok .figures .switch');
      assert.deepEqual(await rate.locator('legend, label').allInnerTexts(), ['Engagement-Rate', 'nach Aufrufen', 'nach Followern']);
      await rate.getByText('nach Followern', { exact: true }).click();
      await page.locator('[data-figure="tiktok.engagement_by_followers"]').waitFor({ state: 'visible' });
      assert.equal(await page.locator('[data-figure="tiktok.engagement_rate"]').isVisible(), false);
    }));

  for (const [device, width, colorScheme, lang] of [
    ['phone', 390, 'dark', 'en'],
    ['desktop', 1280, 'light', 'de'],
  ]) {
    test(`picture of a chart that is open: ${device}, ${colorScheme}, ${lang}`, () =>
      onChart({ locale: LOCALES[lang], colorScheme, viewport: { width, height: 900 } }, async (page, chart) => {
        await chart.locator('.choice:visible summary').click();
        await screenshot(page, `mediakit-chart-${device}-${colorScheme}-${lang}`);
      }));
  }
});

describe('other pages', () => {
  for (const [path, status] of [['/nothing-here', 404], ['/api/docs', 200]]) {
    for (const colorScheme of SCHEMES) {
      for (const width of [320, 1280]) {
        test(`${path} fits and axe finds nothing, ${colorScheme}, ${width} px`, () => {
          const options = { locale: LOCALES.de, colorScheme, viewport: { width, height: 800 } };
          return withPage(browser, demo.origin, { ...options, expected: [status] }, async (page) => {
            assert.equal((await page.goto(path)).status(), status);
            assert.deepEqual(await tooWide(page), []);
            assert.deepEqual(await axeFaults(page), []);
          });
        });
      }
    }
  }
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
  test('a rate opens to its formula in words, its sample and its window', async () => {
    for (const [lang, words] of [
      ['de', ['nach Followern', '(Likes + Kommentare) ÷ Follower', 'Stichprobe', 'Beiträge', 'Zeitraum', 'Tage']],
      ['en', ['by followers', '(likes + comments) ÷ followers', 'Sample', 'posts', 'Window', 'days']],
    ]) {
      await onMediaKit({ locale: LOCALES[lang] }, async (page) => {
        const rate = page.locator('#panel-instagram [data-figure="instagram.engagement_rate"]');
        await rate.locator('summary').click();
        const text = await rate.innerText();
        for (const word of words) assert.ok(text.includes(word), `${word} in ${text}`);
      });
    }
  });

  test('the badge is no figure, and handles are written as people write them', () =>
    onMediaKit({}, async (page) => {
      assert.equal(await page.locator('[data-figure$=".verified"]').count(), 0);
      const handles = await page.locator('.handle').allInnerTexts();
      assert.ok(handles.includes('@mara@rad.social'), handles.join(' '));
      assert.ok(handles.includes('discord.gg/marabikes'), handles.join(' '));
    }));

  test('who follows is a list with numbers that the keyboard opens to what it stands on', () =>
    onMediaKit({ locale: LOCALES.en, viewport: { width: 390, height: 844 } }, async (page) => {
      const countries = page.locator('#panel-instagram [data-figure="instagram.audience_country"]');
      const rows = await countries.locator('.shares dt').allInnerTexts();
      assert.equal(rows[0], 'Germany');
      assert.equal(rows.at(-1), 'Other or unknown');
      const shares = (await countries.locator('.shares dd').allInnerTexts()).map(parseFloat);
      assert.deepEqual(shares.slice(0, -1), shares.slice(0, -1).toSorted((a, b) => b - a), 'the largest first');
      const sum = shares.reduce((a, b) => a + b);
      assert.ok(Math.abs(sum - 100) < 1, `${sum} %`);
      const opened = countries.locator('.facts');
      assert.equal(await opened.isVisible(), false);
      await countries.locator('summary').focus();
      await page.keyboard.press('Enter');
      await opened.waitFor({ state: 'visible' });
      assert.match(await opened.innerText(), /Measured against\s+\d{3},\d{3}/);
      const [age] = await page.locator('.band').filter({ hasText: 'Instagram: Age' }).locator('h3').allInnerTexts();
      assert.equal(age, 'Instagram: Countries', 'what was fetched stands first');
    }));

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
      assert.deepEqual(figures.filter((figure) => !/^[a-z]+\.[a-z0-9_]+$/.test(figure.name)), [], 'data-figure is <platform>.<key>');
    }));
});

describe('what is served', () => {
  for (const path of ['/mediakit', '/mediakit?lang=en', '/mediakit?platform=tiktok', '/nothing-here', '/api/docs']) {
    test(`html-validate finds nothing in ${path}`, async () => {
      const { body } = await get(path);
      assert.deepEqual(await markupFaults(body.toString()), []);
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

  for (const [path, type] of [['/favicon.svg', 'image/svg+xml'], ['/favicon.ico', 'image/x-icon']]) {
    test(`${path} is the icon`, async () => {
      const { status, headers } = await get(path);
      assert.equal(status, 200);
      assert.equal(headers['content-type'], type);
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
