import type { Browser } from 'playwright-core';

/** Many pictures on one, in columns of about the same height, each with its name over it. `width`: of one picture, in pixels. */
export async function contactSheet(
  browser: Browser,
  pictures: readonly { name: string; png: Buffer }[],
  look: { columns: number; width: number; background: string; text: string },
): Promise<Buffer> {
  const columns = Array.from({ length: look.columns }, () => ({ height: 0, html: '' }));
  for (const { name, png } of pictures) {
    // The width and height of a PNG stand at the same place in each.
    const height = (png.readUInt32BE(20) * look.width) / png.readUInt32BE(16);
    const lowest = columns.reduce((best, each) => (each.height < best.height ? each : best));
    lowest.height += height + 40;
    lowest.html += `<figure><figcaption>${name}</figcaption><img width="${look.width}" src="data:image/png;base64,${png.toString('base64')}"></figure>`;
  }
  const page = await browser.newPage({ viewport: { width: look.columns * (look.width + 16) + 16, height: 800 } });
  await page.setContent(
    `<style>body{margin:8px;display:flex;align-items:flex-start;background:${look.background};color:${look.text};font:bold 13px Lato,sans-serif}` +
      `div{flex:none}figure{margin:8px}figcaption{padding:2px 0 4px}img{display:block}</style>${columns.map(({ html }) => `<div>${html}</div>`).join('')}`,
  );
  const sheet = await page.screenshot({ fullPage: true });
  await page.close();
  return sheet;
}
