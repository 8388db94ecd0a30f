/** @file Charts as files: an SVG that looks as it does on the page, wherever it is opened, and a PNG of twice its size. */

import { m } from '../../messages/messages';

/** What the page's style sheets decide and a file must say itself. */
const STYLES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
] as const;
const PNG_SCALE = 2;

/** The drawing as a document of its own, with the page's colours as they are now. */
function standaloneSvg(node: SVGSVGElement): string {
  const copy = node.cloneNode(true) as SVGSVGElement;
  const originals = [...node.querySelectorAll<SVGElement>('*')];
  for (const [at, element] of [...copy.querySelectorAll<SVGElement>('*')].entries()) {
    const style = getComputedStyle(originals[at]!);
    for (const name of STYLES) element.setAttribute(name, style.getPropertyValue(name));
    element.removeAttribute('class');
  }
  const { width, height } = node.getBoundingClientRect();
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(Math.round(width)));
  copy.setAttribute('height', String(Math.round(height)));
  copy.removeAttribute('class');
  const paper = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  paper.setAttribute('width', '100%');
  paper.setAttribute('height', '100%');
  paper.setAttribute('fill', getComputedStyle(document.body).backgroundColor);
  copy.prepend(paper);
  return new XMLSerializer().serializeToString(copy);
}

/** The drawing as an SVG file. */
export const svgFile = (node: SVGSVGElement, name: string): File =>
  new File([standaloneSvg(node)], `${name}.svg`, { type: 'image/svg+xml' });

/** The drawing as a PNG file. @throws Error when the browser cannot draw it */
export async function pngFile(node: SVGSVGElement, name: string): Promise<File> {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(standaloneSvg(node))}`; // the page's policy allows no blob here
  await image.decode();
  const { width, height } = node.getBoundingClientRect();
  const canvas = Object.assign(document.createElement('canvas'), {
    width: Math.round(width * PNG_SCALE),
    height: Math.round(height * PNG_SCALE),
  });
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw new Error(m.runs_chart_unsaved());
  return new File([blob], `${name}.png`, { type: 'image/png' });
}
