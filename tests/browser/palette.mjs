// PNG pictures of at most 256 colours, so that those in docs/ stay small: Chromium reads and measures, Node writes.

import { crc32, deflateSync } from 'node:zlib';

/** The same picture in a palette that was made for it. */
export async function withPalette(browser, png) {
  const page = await browser.newPage();
  try {
    const { width, height, palette, pixels } = await page.evaluate(reduce, png.toString('base64'));
    return indexed(width, height, palette, Buffer.from(pixels, 'base64'));
  } finally {
    await page.close();
  }
}

/** In the page: cuts the colours that occur into 256 boxes, each time the one that holds most, and names each pixel's box. */
async function reduce(base64) {
  const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);

  const key = (at) => ((data[at] >> 2) << 12) | ((data[at + 1] >> 2) << 6) | (data[at + 2] >> 2);
  const bins = new Map();
  for (let at = 0; at < data.length; at += 4) {
    const bin = bins.get(key(at)) ?? bins.set(key(at), { sum: [0, 0, 0], count: 0 }).get(key(at));
    for (const channel of [0, 1, 2]) bin.sum[channel] += data[at + channel];
    bin.count += 1;
  }
  const colours = [...bins].map(([bin, { sum, count }]) => ({ bin, mean: sum.map((part) => part / count), count }));
  const box = (members) => {
    const spread = [0, 1, 2].map((channel) => {
      const all = members.map(({ mean }) => mean[channel]);
      return Math.max(...all) - Math.min(...all);
    });
    const channel = spread.indexOf(Math.max(...spread));
    // Rare colours count too, or a small accent would drown in the ground.
    const weight = spread[channel] * members.reduce((sum, { count }) => sum + count ** 0.35, 0);
    return { members, channel, weight };
  };
  const boxes = [box(colours)];
  while (boxes.length < 256) {
    const at = boxes.reduce((best, { weight }, n) => (weight > boxes[best].weight ? n : best), 0);
    const { members, channel, weight } = boxes[at];
    if (weight === 0) break;
    const sorted = [...members].sort((a, b) => a.mean[channel] - b.mean[channel]);
    const middle = (sorted[0].mean[channel] + sorted.at(-1).mean[channel]) / 2;
    const cut = sorted.findIndex(({ mean }) => mean[channel] > middle);
    boxes.splice(at, 1, box(sorted.slice(0, cut)), box(sorted.slice(cut)));
  }
  const palette = boxes.flatMap(({ members }) => {
    const all = members.reduce((sum, { count }) => sum + count, 0);
    return [0, 1, 2].map((channel) => Math.round(members.reduce((sum, { mean, count }) => sum + mean[channel] * count, 0) / all));
  });
  const names = new Map(boxes.flatMap(({ members }, name) => members.map(({ bin }) => [bin, name])));
  const pixels = new Uint8Array(width * height);
  for (let at = 0; at < data.length; at += 4) pixels[at / 4] = names.get(key(at));
  let text = '';
  for (let at = 0; at < pixels.length; at += 32_768) text += String.fromCharCode(...pixels.subarray(at, at + 32_768));
  return { width, height, palette, pixels: btoa(text) };
}

/** A PNG of one byte a pixel (https://www.w3.org/TR/png-3/, colour type 3). */
function indexed(width, height, palette, pixels) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) pixels.copy(lines, y * (width + 1) + 1, y * width, (y + 1) * width);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const parts = [['IHDR', head], ['PLTE', Buffer.from(palette)], ['IDAT', deflateSync(lines, { level: 9, memLevel: 9 })], ['IEND', Buffer.alloc(0)]];
  return Buffer.concat([signature, ...parts.flatMap(([name, body]) => chunk(name, body))]);
}

function chunk(name, body) {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), body]);
  const [length, sum] = [body.length, crc32(named)].map((value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  });
  return [length, named, sum];
}
