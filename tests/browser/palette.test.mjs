// The pictures in docs/: what a palette does to one.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { launchBrowser } from './harness.mjs';
import { withPalette } from './palette.mjs';

let browser;

before(async () => {
  browser = await launchBrowser();
});

after(() => browser?.close());

/** What Chromium reads at these places of a picture. */
async function colours(png, places) {
  const page = await browser.newPage();
  const read = await page.evaluate(async ([base64, places]) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    context.drawImage(bitmap, 0, 0);
    return places.map(([x, y]) => [...context.getImageData(x, y, 1, 1).data.slice(0, 3)]);
  }, [png.toString('base64'), places]);
  await page.close();
  return read;
}

test('a picture of few colours keeps them, one of many keeps close to them, and both get small', async () => {
  const page = await browser.newPage({ viewport: { width: 600, height: 400 } });
  await page.setContent(`<body style="margin:0;background:#123456"><p style="margin:0;width:300px;height:400px;background:#fedcba">`);
  const plain = await page.screenshot();
  const small = await withPalette(browser, plain);
  assert.deepEqual([small.readUInt32BE(16), small.readUInt32BE(20), small[25]], [600, 400, 3], 'a palette is colour type 3');
  const places = [[10, 10], [590, 390]];
  assert.deepEqual(await colours(small, places), [[0xfe, 0xdc, 0xba], [0x12, 0x34, 0x56]]);

  await page.setContent(`<body style="margin:0;height:100vh;background:linear-gradient(90deg,red,blue)">`);
  const many = await page.screenshot();
  const fewer = await withPalette(browser, many);
  const spots = [0, 100, 200, 300, 400, 500, 599].map((x) => [x, 200]);
  const [before, after] = [await colours(many, spots), await colours(fewer, spots)];
  const off = Math.max(...before.flatMap((one, n) => one.map((part, channel) => Math.abs(part - after[n][channel]))));
  assert.ok(off <= 6, `${off} steps off`);
  assert.ok(fewer.length < many.length);
  await page.close();
});
