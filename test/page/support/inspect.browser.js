// Runs inside of the page: what a reader of this element could not read, reach or press. One complaint per line.
globalThis.complaintsAbout = (root) => {
  const complaints = new Set();
  const shown = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility === 'visible';
  const named = (element) => `${element.tagName.toLowerCase()} “${(element.textContent ?? '').trim().slice(0, 40)}”`;

  const colour = (text) => {
    const [r = 0, g = 0, b = 0, a = 1] = (text.match(/-?[\d.]+/g) ?? []).map(Number);
    return text.startsWith('color(') ? { r: r * 255, g: g * 255, b: b * 255, a } : { r, g, b, a };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a),
    g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a),
    a: 1,
  });
  const backgroundOf = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) {
      const layer = colour(getComputedStyle(each).backgroundColor);
      if (layer.a > 0) layers.push(layer);
      if (layer.a === 1) break;
    }
    return layers.reduceRight((below, top) => over(top, below), { r: 255, g: 255, b: 255, a: 1 });
  };
  const light = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((each) => (each / 255 <= 0.04045 ? each / 255 / 12.92 : ((each / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const opacityOf = (element) => {
    let all = 1;
    for (let each = element; each; each = each.parentElement) all *= Number(getComputedStyle(each).opacity);
    return all;
  };
  const readable = (element, style, what) => {
    const below = backgroundOf(element);
    const ink = colour(style.color);
    const ratio = contrast(over({ ...ink, a: ink.a * opacityOf(element) }, below), below);
    const size = Number.parseFloat(style.fontSize);
    // WCAG: 24 px, or 18.66 px and bold.
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) complaints.add(`contrast ${ratio.toFixed(2)}:1 of ${what}`);
  };

  const frame = root.getBoundingClientRect();
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const words = node.textContent.replace(/\p{Extended_Pictographic}|\u{fe0f}|\u{200d}|⬜/gu, '').trim();
    const parent = node.parentElement;
    if (words === '' || !parent || !shown(parent)) continue;
    readable(parent, getComputedStyle(parent), `“${words.slice(0, 40)}”`);
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) {
      if (rect.left < frame.left - 1 || rect.right > frame.right + 1 || rect.bottom > frame.bottom + 1)
        complaints.add(`outside of its box: “${words.slice(0, 40)}”`);
    }
  }
  for (const element of [root, ...root.querySelectorAll('*')]) {
    if (!shown(element)) continue;
    const style = getComputedStyle(element);
    const isInline = style.display === 'inline' || element.tagName === 'INPUT' || element.tagName === 'TEXTAREA';
    if (!isInline && element.scrollWidth > element.clientWidth + 1 && style.overflowX !== 'visible')
      complaints.add(`${style.overflowX === 'auto' || style.overflowX === 'scroll' ? 'scrolls sideways' : 'cut off'}: ${named(element)}`);
    if (!isInline && element.scrollHeight > element.clientHeight + 1 && /hidden|clip/.test(style.overflowY))
      complaints.add(`cut off below: ${named(element)}`);
    if (!element.matches('button, [role=button], input, textarea, select')) continue;
    const label = element.id === '' ? null : document.querySelector(`label[for="${CSS.escape(element.id)}"]`);
    const name = element.getAttribute('aria-label') ?? label?.textContent ?? element.textContent ?? '';
    if (name.trim() === '') complaints.add(`no name: ${element.outerHTML.slice(0, 80)}`);
    if (element.getBoundingClientRect().height < 24)
      complaints.add(`only ${element.getBoundingClientRect().height} px high: ${named(element)}`);
    if (element.placeholder) readable(element, getComputedStyle(element, '::placeholder'), `placeholder “${element.placeholder}”`);
    if (element.value && element.matches('input, textarea')) readable(element, style, `“${element.value}”`);
  }
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth) complaints.add('the page scrolls sideways');
  return [...complaints];
};
