// The only two places that listen to the browser. Each returns its own disposer, so nothing a wall starts can outlive its use.

/** Listen to `type` on `target` until the disposer is called. */
export function on<E extends Event>(target: EventTarget, type: string, hear: (event: E) => void): () => void {
  const listener = hear as EventListener;
  target.addEventListener(type, listener);
  return () => target.removeEventListener(type, listener);
}

/** Watch the content box of `element` (CSS px) until the disposer is called. */
export function observe(element: Element, seen: (width: number, height: number) => void): () => void {
  const observer = new ResizeObserver((entries) => {
    const box = entries[entries.length - 1]?.contentRect;
    if (box) seen(box.width, box.height);
  });
  observer.observe(element);
  return () => observer.disconnect();
}
