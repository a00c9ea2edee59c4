/**
 * The HTML of a message as a picture: drawn by the browser as an SVG image, in which no script runs and nothing is fetched.
 *
 * The frame itself cannot be drawn: its sandbox keeps the page out, too. So the same HTML is put into a foreignObject.
 */

/** Pixels of a canvas in Chromium and Safari, either way. */
const MAX_SIDE = 16_384;
const MAX_HEIGHT = 16_000;
/** The end of the content is looked for in a picture that is smaller by this. */
const SCOUT = 4;
/** Pixels below the content, since thin lines may be lost in the small picture. */
const MARGIN = 16;

const HTML = "http://www.w3.org/1999/xhtml";
const SVG = "http://www.w3.org/2000/svg";
const NAME = /^[a-z_][\w.-]*$/i;
/** What XML has no form for: control characters and halves of surrogate pairs. */
const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

const FAILURE = "This browser cannot draw the message as a picture.";

/**
 * A PNG, as high as the content and at most 16 000 pixels of CSS.
 *
 * @param width of the page that it is laid out on, in pixels of CSS.
 * @param scale pixels of the picture for one of CSS.
 * @throws Error in words for people.
 */
export async function pictureOf(html: string, width: number, scale: number): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgOf(html, width))}`;
  // Also waits for the pictures within it.
  await image.decode().catch(() => {
    throw new Error(FAILURE);
  });
  const height = contentHeight(image, width);
  const drawn = Math.min(scale, MAX_SIDE / height, MAX_SIDE / width);
  const canvas = canvasOf(Math.round(width * drawn), Math.round(height * drawn));
  canvas.context.drawImage(image, 0, 0, width, height, 0, 0, canvas.element.width, canvas.element.height);
  return new Promise((resolve, reject) => {
    canvas.element.toBlob((blob) => (blob === null ? reject(new Error(FAILURE)) : resolve(blob)), "image/png");
  });
}

function svgOf(html: string, width: number): string {
  const root = new DOMParser().parseFromString(html, "text/html").documentElement;
  makeWellFormed(root);
  const content = new XMLSerializer().serializeToString(root).replace(NOT_XML, "");
  // The div has no height of its own: percentages of the height mean nothing then, as on a page.
  return `<svg xmlns="${SVG}" width="${width}" height="${MAX_HEIGHT}"><foreignObject width="100%" height="100%"><div xmlns="${HTML}">${content}</div></foreignObject></svg>`;
}

/** HTML has names that XML has not, such as those of Outlook's `<o:p>`. */
function makeWellFormed(root: Element): void {
  const comments = document.createNodeIterator(root, NodeFilter.SHOW_COMMENT);
  for (let comment = comments.nextNode(); comment !== null; comment = comments.nextNode())
    comment.parentNode?.removeChild(comment);
  for (const element of [root, ...root.querySelectorAll("*")]) {
    for (const { name } of [...element.attributes])
      if (!NAME.test(name) || name === "xmlns") element.removeAttribute(name);
    if (element.localName === "script") element.remove();
    else if (!NAME.test(element.localName)) {
      const span = document.createElement("span");
      span.append(...element.childNodes);
      element.replaceWith(span);
    }
  }
}

/** Where the rows begin that are all the same as the last one. */
function contentHeight(image: HTMLImageElement, width: number): number {
  const { element, context } = canvasOf(Math.ceil(width / SCOUT), MAX_HEIGHT / SCOUT);
  context.drawImage(image, 0, 0, element.width, element.height);
  const pixels = new Uint32Array(context.getImageData(0, 0, element.width, element.height).data.buffer);
  const columns = element.width;
  let at = pixels.length - columns - 1;
  while (at >= 0 && pixels[at] === pixels[pixels.length - columns + (at % columns)]) at -= 1;
  return Math.min(MAX_HEIGHT, (Math.floor(at / columns) + 1) * SCOUT + MARGIN);
}

function canvasOf(
  width: number,
  height: number,
): {
  readonly element: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
} {
  const element = document.createElement("canvas");
  element.width = width;
  element.height = height;
  const context = element.getContext("2d");
  if (context === null) throw new Error(FAILURE);
  // Mail is written for white paper.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  return { element, context };
}
