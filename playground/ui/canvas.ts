// Canvases that are as sharp as the screen.

/** A context whose unit is a CSS pixel; the canvas takes the size that it has on the page. Clears what was drawn. */
export function sharpen(canvas: HTMLCanvasElement): { context: CanvasRenderingContext2D; width: number; height: number } {
  const ratio = Math.min(devicePixelRatio || 1, 3);
  const { clientWidth: width, clientHeight: height } = canvas;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const context = canvas.getContext("2d")!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/** Calls back when an element's size changes, once at first. */
export function onResize(element: Element, callback: () => void): void {
  new ResizeObserver(callback).observe(element);
}
