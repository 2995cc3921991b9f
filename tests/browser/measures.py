"""What the browser tests measure in a page: text, boxes, contrast and colour. None of it knows which screen it looks at."""

from __future__ import annotations

import base64

from playwright.async_api import Page

# Every visible text node: its text, font size in px, colour, the colour behind it, and whether it or its box is cut off.
# An element is `clipped` when its content is wider or higher than it shows, or when it leaves the window.
TEXTS = """() => {
  const parse = (c) => { const m = c.match(/[\\d.]+/g).map(Number); return [m[0], m[1], m[2], m[3] ?? 1]; };
  const behind = (e) => {
    for (let p = e; p; p = p.parentElement) { const c = parse(getComputedStyle(p).backgroundColor); if (c[3] > .5) return c; }
    return [14, 19, 24, 1];
  };
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.data.trim(), e = node.parentElement;
    if (!text || !e.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const range = document.createRange(); range.selectNodeContents(node);
    const r = range.getBoundingClientRect(), style = getComputedStyle(e), svg = e.namespaceURI.endsWith('svg');
    let clipped = r.left < -.5 || r.top < -.5 || r.right > innerWidth + .5 || r.bottom > innerHeight + .5;
    for (let p = e; p && p !== document.body; p = p.parentElement) {
      if (p.namespaceURI.endsWith('svg') || p.localName === 'main') continue;
      const s = getComputedStyle(p);
      if (s.display === 'inline' || s.display === 'contents') continue;
      const over = p.scrollWidth > p.clientWidth + 1 && p.clientWidth > 0;
      if (over && s.overflowX !== 'visible') clipped = true;
      const b = p.getBoundingClientRect();
      if (s.overflowX !== 'visible' && (r.right > b.right + 1 || r.left < b.left - 1)) clipped = true;
      if (p.matches('.panel, .k') && (r.right > b.right + 1 || r.left < b.left - 1 || r.bottom > b.bottom + 1)) clipped = true;
    }
    const fill = svg ? parse(style.fill) : parse(style.color);
    texts.push({ text, size: parseFloat(style.fontSize), weight: +style.fontWeight, colour: fill, behind: svg ? null : behind(e),
      clipped, x: r.left, y: r.top, w: r.width, h: r.height });
  }
  return texts;
}"""

# Resolves when a frame was really drawn: intersections are told at the end of each, after all sizes, and no clock of a test moves them.
FRAME = """() => new Promise((drawn) => {
  const observer = new IntersectionObserver(() => { observer.disconnect(); drawn(); });
  observer.observe(document.body);
})"""

# Pairs of visible text boxes that overlap each other by more than a hair.
OVERLAPS = """(texts) => {
  const found = [];
  for (let i = 0; i < texts.length; i++) for (let j = i + 1; j < texts.length; j++) {
    const a = texts[i], b = texts[j], pad = .22;
    const x = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
    const y = Math.min(a.y + a.h * (1 - pad), b.y + b.h * (1 - pad)) - Math.max(a.y + a.h * pad, b.y + b.h * pad);
    if (x > 1 && y > 1) found.push(`${a.text} / ${b.text}`);
  }
  return found;
}"""


def contrast(text: list[float], ground: list[float]) -> float:
    """The WCAG contrast ratio of two sRGB colours (0..255)."""

    def light(colour: list[float]) -> float:
        r, g, b = ((v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4) for v in (c / 255 for c in colour[:3]))
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((light(text), light(ground)), reverse=True)
    return (high + 0.05) / (low + 0.05)


# The share of pixels whose HSV saturation is above .45 and value above .35; takes a PNG in base64.
SATURATED = """async (png) => {
  const image = new Image(); image.src = `data:image/png;base64,${png}`; await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height), draw = canvas.getContext('2d');
  draw.drawImage(image, 0, 0);
  const { data } = draw.getImageData(0, 0, image.width, image.height);
  let hits = 0;
  for (let i = 0; i < data.length; i += 4) {
    const most = Math.max(data[i], data[i + 1], data[i + 2]), least = Math.min(data[i], data[i + 1], data[i + 2]);
    if (most > .35 * 255 && most - least > .45 * most) hits++;
  }
  return hits / (image.width * image.height);
}"""


async def saturated(page: Page) -> float:
    """How much of the page, as it now looks, is strongly coloured (0..1)."""
    png = base64.b64encode(await page.screenshot()).decode()
    beside = await page.context.new_page()
    share = float(await beside.evaluate(SATURATED, png))
    await beside.close()
    return share
