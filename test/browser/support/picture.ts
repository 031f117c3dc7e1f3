import type { Browser } from 'playwright-core';

/** A PNG with something to see in it, as a file to upload. */
export async function picture(browser: Browser, width: number, height: number) {
  const buffer = await paint(browser, { width, height, colours: ['#0a6670', '#f4e6b8', '#ab2318'], face: false });
  return { name: 'picture.png', mimeType: 'image/png', buffer };
}

/** Head and shoulders, in two colours. */
export const portrait = (browser: Browser, ground: string, figure: string): Promise<Buffer> =>
  paint(browser, { width: 256, height: 256, colours: [ground, ground, figure], face: true });

type Painting = { width: number; height: number; colours: string[]; face: boolean };

async function paint(browser: Browser, painting: Painting): Promise<Buffer> {
  const page = await browser.newPage();
  const url = await page.evaluate(({ width, height, colours, face }) => {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d');
    if (!context) throw new Error('this browser cannot paint');
    const ground = context.createLinearGradient(0, 0, width, height);
    for (const [at, colour] of colours.entries()) ground.addColorStop(at / (colours.length - 1), colour);
    context.fillStyle = ground;
    context.fillRect(0, 0, width, height);
    context.fillStyle = face ? (colours.at(-1) ?? '') : 'transparent';
    for (const [y, radius] of [[0.42, 0.2] as const, [1.08, 0.42] as const]) {
      context.beginPath();
      context.arc(width / 2, height * y, height * radius, 0, 2 * Math.PI);
      context.fill();
    }
    return canvas.toDataURL('image/png');
  }, painting);
  await page.close();
  return Buffer.from(url.replace(/^.*,/, ''), 'base64');
}
