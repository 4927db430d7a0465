// Makes docs/screenshots/sheet-*.png again: each theme on one sheet, the kit and the link page on phone and desktop, light
// and dark, German and English; and one sheet of a server where nothing was entered yet. From running demos, after
// `cargo build` and `./test install`: node tests/browser/sheets.mjs [THEME...]

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { EVERY_LOOK, here, launchBrowser, SIZES, startDemo, startServe } from './harness.mjs';
import { withPalette } from './palette.mjs';
import * as states from './states.mjs';

const OUT = path.resolve(here, '../../docs/screenshots');
const THEMES = ['paper', 'ink', 'neon', 'sand', 'forest', 'mono'];
/** The creator's own words, in the language of the picture. */
const BIO = {
  'de-DE': 'Gravelräder, Werkstatt und lange Wege. Ich repariere, was andere aufgeben, und fahre dann damit los.',
  'en-GB': 'Gravel bikes, workshop and long roads. I repair what others give up on, and then ride it.',
};
/** How wide a picture stands on the sheet, how far apart two are, and how wide four and the sheet are, in pixels. */
const WIDTH = { desktop: 408, phone: 196 };
const GAP = 16;
const FOUR = { desktop: 4 * WIDTH.desktop + 3 * GAP, phone: 4 * WIDTH.phone + 3 * GAP };
const SHEET = FOUR.desktop + 3 * GAP;
/** A long page is shown up to the end of this part, which holds the charts and who the audience is. */
const LAST = '#analytics';

const wanted = process.argv.slice(2);
const scratch = mkdtempSync(path.join(tmpdir(), 'mediakit-sheets-'));
const browser = await launchBrowser();
const servers = [];
try {
  const themes = THEMES.filter((theme) => !wanted.length || wanted.includes(theme));
  if (themes.length) {
    const demo = await started(startDemo(400));
    await states.whole(demo);
    for (const theme of themes) {
      await states.profile(demo, { theme });
      await sheet(demo, theme);
    }
  }
  if (!wanted.length || wanted.includes('empty')) await sheet(await started(startServe()), 'empty');
} finally {
  await browser.close();
  for (const server of servers) await server.stop();
  rmSync(scratch, { recursive: true, force: true });
}

/** Every look of both pages, side by side: the kit's desktops, below them its phones, beside those the link page. */
async function sheet(server, name) {
  const looks = {};
  for (const [page, address] of Object.entries({ kit: '/mediakit', links: '/' })) {
    for (const size of Object.keys(SIZES)) looks[`${page}-${size}`] = await shots(server, address, size);
  }
  const group = (of) => `<div class="${of}">${looks[of].map((file) => `<img src="${pathToFileURL(file)}">`).join('')}</div>`;
  const html = `<!doctype html><style>
    body { margin: 0; width: ${SHEET}px; padding: ${1.5 * GAP}px; box-sizing: border-box; background: #8a8a86; display: grid; grid-template-columns: ${FOUR.phone}px ${FOUR.phone}px; gap: ${GAP}px; align-items: start; }
    .kit-desktop { grid-column: 1 / -1; }
    div { display: flex; flex-wrap: wrap; gap: ${GAP}px; align-items: start; }
    [class$="desktop"] img { width: ${WIDTH.desktop}px; } [class$="phone"] img { width: ${WIDTH.phone}px; }
    img { display: block; }
  </style>${group('kit-desktop')}${group('kit-phone')}<section>${group('links-phone')}<p></p>${group('links-desktop')}</section>`;
  writeFileSync(path.join(scratch, 'sheet.html'), html);
  const page = await browser.newPage({ viewport: { width: SHEET, height: 900 } });
  await page.goto(pathToFileURL(path.join(scratch, 'sheet.html')).href);
  const picture = await withPalette(browser, await page.screenshot({ fullPage: true }));
  await page.close();
  const file = path.join(OUT, `sheet-${name}.png`);
  writeFileSync(file, picture);
  console.log(`${path.relative(process.cwd(), file)} ${Math.round(picture.length / 1024)} KB`);
}

/** A page in every look, as files. */
async function shots(server, address, size) {
  const files = [];
  for (const [colorScheme, locale] of EVERY_LOOK) {
    if (server.api) await states.profile(server, { bio: BIO[locale] });
    const page = await browser.newPage({ viewport: SIZES[size], locale, colorScheme, reducedMotion: 'reduce' });
    await page.goto(server.origin + address);
    await page.evaluate(() => document.fonts.ready);
    const height = await page.evaluate((last) => {
      const end = document.querySelector(last)?.getBoundingClientRect().bottom;
      return Math.ceil(end ?? document.documentElement.scrollHeight);
    }, LAST);
    const clip = { x: 0, y: 0, width: SIZES[size].width, height };
    files.push(path.join(scratch, `${size}-${colorScheme}-${locale}${address.replaceAll('/', '-')}.png`));
    await page.screenshot({ path: files.at(-1), fullPage: true, clip });
    await page.close();
  }
  return files;
}

async function started(starting) {
  const server = await starting;
  servers.push(server);
  return server;
}
