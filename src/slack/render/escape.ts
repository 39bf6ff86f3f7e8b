/** Slack reads `&`, `<` and `>` as control characters: unescaped, `<!channel>` in an annotation would notify a whole company. */
export const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * Characters that show nothing and change how the rest is read: C0/C1 controls except line feed, zero-width and bidirectional marks, the
 * byte order mark, tag characters, lone surrogates. With them a reason could show another image name than the one it holds.
 */
const INVISIBLE =
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

/** User and cluster text as it may be shown. Tabs become spaces; invisible characters go. */
export const clean = (text: string): string => text.replaceAll('\r\n', '\n').replaceAll('\t', ' ').replace(INVISIBLE, '');

/** One line of it: for places where a line break would begin a quote or leave its field. */
export const oneLine = (text: string): string => clean(text).replaceAll(/\s+/g, ' ').trim();
