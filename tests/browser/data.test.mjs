// The kit as data in a real browser: the frame on a page of another origin, the forms that programs read, and the page
// of visits in the panel.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import { holds } from './checks.mjs';
import { launchBrowser, LOOKS, screenshot, signIn, SIZES, startDemo, withPage } from './harness.mjs';

let demo;
let browser;
let other;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchBrowser()]);
  // Somebody else's blog: another origin, with the frame that oEmbed gives.
  other = http.createServer(async (request, response) => {
    const lang = new URL(request.url, 'http://x').searchParams.get('lang') ?? 'de';
    const page = encodeURIComponent(`${demo.origin}/mediakit?lang=${lang}`);
    const { html } = await (await fetch(`${demo.origin}/oembed?format=json&url=${page}`)).json();
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': "default-src 'none'; frame-src *" });
    response.end(`<!doctype html><html lang="en"><title>Blog</title><h1>Blog</h1>${html}</html>`);
  });
  await new Promise((resolve) => other.listen(0, '127.0.0.1', resolve));
});

after(async () => {
  other?.close();
  await Promise.all([browser?.close(), demo?.stop()]);
});

const elsewhere = () => `http://127.0.0.1:${other.address().port}`;

for (const [colorScheme, locale] of LOOKS) {
  const lang = locale.slice(0, 2);

  test(`the frame stands on another site's page, ${colorScheme}, ${lang}`, async () => {
    const options = { viewport: SIZES.desktop, colorScheme, locale, elsewhere: [elsewhere()] };
    await withPage(browser, demo.origin, options, async (page) => {
      await page.goto(`${elsewhere()}/?lang=${lang}`);
      const frame = page.frames().find((frame) => frame.url().startsWith(demo.origin));
      await frame.locator('li').first().waitFor();
      assert.equal(await frame.locator('script').count(), 0);
      const sources = await frame.locator('[data-figure] .source').allTextContents();
      assert.ok(sources.length > 3 && sources.every((source) => source.trim()), 'each number stands on its source');
      const room = await frame.evaluate(() => [document.documentElement.scrollHeight, window.innerHeight]);
      assert.ok(room[0] <= room[1], `nothing of it is cut: ${room}`);
      await page.locator('iframe').screenshot({ path: new URL(`artifacts/embed-${colorScheme}-${lang}.png`, import.meta.url).pathname });
    });
  });

  for (const width of [320, 420]) {
    test(`the frame by itself at ${width} px, ${colorScheme}, ${lang}`, async () => {
      await withPage(browser, demo.origin, { viewport: { width, height: 700 }, colorScheme, locale }, async (page) => {
        await page.goto(`/embed?lang=${lang}`);
        await holds(page);
        await screenshot(page, `embed-${width}-${colorScheme}-${lang}`);
      });
    });
  }

  for (const [size, viewport] of Object.entries(SIZES)) {
    test(`visits on a ${size}, ${colorScheme}, ${lang}`, async () => {
      const day = Math.floor(Date.now() / 86_400_000);
      for (const [kind, name, n] of [['page', 'mediakit', 412], ['page', 'links', 1290], ['from', 'instagram.com', 310], ['from', '', 12], ['country', 'DE', 220]]) {
        demo.sql("insert or replace into visits (creator_id, day, kind, name, visits) values (1, ?, ?, ?, ?)", day - 3, kind, name, n);
      }
      await withPage(browser, demo.origin, { panel: true, viewport, colorScheme, locale }, async (page) => {
        await signIn(page, demo);
        await page.goto('/admin/visits');
        await holds(page);
        await screenshot(page, `visits-${size}-${colorScheme}-${lang}`);
      });
    });
  }
}

test('no other page can be framed', async () => {
  for (const path of ['/', '/mediakit', '/admin/login', '/mediakit.json']) {
    const { headers } = await fetch(demo.origin + path);
    assert.match(headers.get('content-security-policy'), /frame-ancestors 'none'/);
  }
});

test('the page’s data block is read and breaks no rule', async () => {
  // withPage fails on every report of the Content-Security-Policy.
  await withPage(browser, demo.origin, { viewport: SIZES.desktop }, async (page) => {
    await page.goto('/mediakit?lang=en');
    const data = JSON.parse(await page.locator('script[type="application/ld+json"]').textContent());
    assert.equal(data['@type'], 'ProfilePage');
    assert.ok(data.mainEntity.interactionStatistic.length > 3);
  });
});

test('the feeds are what their formats ask for', async () => {
  await withPage(browser, demo.origin, {}, async (page) => {
    await page.goto('/mediakit');
    const read = (path) =>
      page.evaluate(async (path) => {
        const text = await (await fetch(path)).text();
        const xml = new DOMParser().parseFromString(text, 'application/xml');
        const all = (name) => [...xml.getElementsByTagName(name)].map((element) => element.textContent);
        return { root: xml.documentElement.nodeName, wrong: all('parsererror'), ids: all('id'), guids: all('guid'), dates: all('pubDate'), updated: all('updated'), titles: all('title'), authors: all('author'), locs: all('loc') };
      }, path);
    const rss = await read('/feed.xml?lang=en');
    assert.deepEqual([rss.root, rss.wrong], ['rss', []]);
    assert.ok(rss.guids.length > 3 && new Set(rss.guids).size === rss.guids.length && rss.guids.length === rss.dates.length);
    for (const date of rss.dates) assert.match(date, /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/);
    const atom = await read('/atom.xml?lang=en');
    assert.deepEqual([atom.root, atom.wrong, atom.authors.length], ['feed', [], 1]);
    assert.equal(new Set(atom.ids).size, rss.guids.length + 1);
    for (const at of atom.updated) assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    const map = await read('/sitemap.xml');
    assert.deepEqual([map.root, map.wrong, map.locs.length >= 4], ['urlset', [], true]);
  });
});

