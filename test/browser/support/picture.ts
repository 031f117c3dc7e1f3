import type { Browser } from 'playwright-core';

/** A PNG with something to see in it, as a file to upload. */
export async function picture(browser: Browser, width: number, height: number) {
  const page = await browser.newPage();
  const url = await page.evaluate(
    ([across = 0, down = 0]) => {
      const canvas = document.createElement('canvas');
      canvas.width = across;
      canvas.height = down;
      const context = canvas.getContext('2d');
      const colours = context?.createLinearGradient(0, 0, across, down);
      for (const [at, colour] of ['#0a6670', '#f4e6b8', '#ab2318'].entries()) colours?.addColorStop(at / 2, colour);
      if (context && colours) context.fillStyle = colours;
      context?.fillRect(0, 0, across, down);
      return canvas.toDataURL('image/png');
    },
    [width, height],
  );
  await page.close();
  const [, base64 = ''] = url.split(',');
  return { name: 'picture.png', mimeType: 'image/png', buffer: Buffer.from(base64, 'base64') };
}
