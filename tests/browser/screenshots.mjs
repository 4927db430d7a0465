// Makes the pictures in docs/screenshots/ again, from a running demo: node tests/browser/screenshots.mjs
// (after `cargo build` and `./test install`). Those of every theme are made by sheets.mjs.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { here, launchBrowser, startDemo, startServe } from './harness.mjs';
import { withPalette } from './palette.mjs';
import * as states from './states.mjs';

const OUT = path.resolve(here, '../../docs/screenshots');
const LOCALES = { de: 'de-DE', en: 'en-GB' };
const DEVICES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } };

/** The creator's own words, in the language of the picture. */
const WORDS = {
  de: { bio: 'Gravelräder, Werkstatt und lange Wege. Ich repariere, was andere aufgeben, und fahre dann damit los.' },
  en: { bio: 'Gravel bikes, workshop and long roads. I repair what others give up on, and then ride it.' },
};

const made = [];
const scratch = mkdtempSync(path.join(tmpdir(), 'mediakit-screenshots-'));
mkdirSync(OUT, { recursive: true });

const browser = await launchBrowser();
const servers = [];
try {
  await everyPage();
  for (const file of made) writeFileSync(file, await withPalette(browser, readFileSync(file)));
  console.log(made.map((file) => path.relative(process.cwd(), file)).join('\n'));
} finally {
  await browser.close();
  for (const server of servers) await server.stop();
  rmSync(scratch, { recursive: true, force: true });
}

async function everyPage() {
  const demo = await started(startDemo(400));
  await states.whole(demo);
  for (const [device, scheme, lang] of [['desktop', 'light', 'de'], ['phone', 'dark', 'en']]) {
    await states.profile(demo, WORDS[lang]);
    await shot(demo, `mediakit-${device}-${scheme}-${lang}`, { lang, device, scheme, whole: true });
  }
  await shot(demo, 'figure-opened', { lang: 'en', device: 'desktop', of: '#analytics', open: 'instagram.engagement_rate' });
  await compose(demo);
  await shot(demo, 'api-docs', { lang: 'en', device: 'desktop', address: '/api/docs' });
  await states.profile(demo, WORDS.de);

  await states.oneDown(demo, 'TIKTOK_API', 'status/503');
  await shot(demo, 'one-failed', { lang: 'de', device: 'desktop', of: '#analytics', address: '/mediakit?platform=tiktok' });
  await states.whole(demo);
  await states.aged(demo, 7);
  await shot(demo, 'stale-desktop', { lang: 'de', device: 'desktop', scheme: 'light', of: '#followers' });
  await shot(demo, 'stale-phone', { lang: 'en', device: 'phone', scheme: 'dark', of: '#followers' });

  const empty = await started(startServe());
  await shot(empty, 'empty-desktop', { lang: 'de', device: 'desktop' });
  await shot(empty, 'empty-phone', { lang: 'en', device: 'phone', scheme: 'dark' });
}

/** The README's picture: the desktop page with the phone in front of it. */
async function compose(demo) {
  await states.profile(demo, WORDS.en);
  const file = (name) => path.join(scratch, `${name}.png`);
  await shot(demo, 'wide', { lang: 'en', device: 'desktop', to: file('wide'), scale: 2, height: 1100 });
  await shot(demo, 'narrow', { lang: 'en', device: 'phone', scheme: 'dark', to: file('narrow'), scale: 2, height: 860 });
  const html = `<!doctype html><style>
    body { margin: 0; width: 1400px; height: 900px; overflow: hidden; position: relative; background: #e6e4de; }
    img { position: absolute; display: block; }
    .wide { left: 56px; top: 56px; width: 1016px; border-radius: 10px; box-shadow: 0 1px 2px #0002, 0 10px 24px #1a203018; }
    .narrow { right: 36px; top: 176px; width: 300px; border-radius: 30px; border: 8px solid #0e0d0c; box-shadow: 0 2px 4px #0003, 0 12px 28px #10142040; }
  </style><img class="wide" src="${pathToFileURL(file('wide'))}"><img class="narrow" src="${pathToFileURL(file('narrow'))}">`;
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  writeFileSync(path.join(scratch, 'kit.html'), html);
  await page.goto(pathToFileURL(path.join(scratch, 'kit.html')).href);
  await page.screenshot({ path: kept('kit') });
  await page.close();
}

async function shot(server, name, { lang, device, scheme = 'light', address = '/mediakit', whole, of, open, to, scale = 1, height }) {
  const viewport = { ...DEVICES[device], ...(height && { height }) };
  const context = { viewport, locale: LOCALES[lang], colorScheme: scheme, reducedMotion: 'reduce', deviceScaleFactor: scale };
  const page = await browser.newPage(context);
  await page.goto(server.origin + address);
  if (open) await page.locator(`.panel:visible [data-figure="${open}"] summary`).click();
  await page.evaluate(() => scrollTo(0, 0));
  const clip = of && band(await page.locator(of).boundingBox(), viewport.width);
  await page.screenshot({ path: to ?? kept(name), fullPage: Boolean(whole || of), clip });
  await page.close();
}

/** The whole width, and as high as the part of the page that is meant. */
function band({ y, height }, width) {
  return { x: 0, y, width, height };
}

function kept(name) {
  made.push(path.join(OUT, `${name}.png`));
  return made.at(-1);
}

async function started(starting) {
  const server = await starting;
  servers.push(server);
  return server;
}
