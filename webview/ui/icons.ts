/** Icons as SVG elements, 16 × 16, in the colour of the text around them. */
const paths = {
  more: 'M4 8a1 1 0 1 1-2 0 1 1 0 0 1 2 0zm5 0a1 1 0 1 1-2 0 1 1 0 0 1 2 0zm5 0a1 1 0 1 1-2 0 1 1 0 0 1 2 0z',
  info: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zm0 1a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM7.4 7h1.2v4.4H7.4V7zm0-2.3h1.2v1.3H7.4V4.7z',
  warning: 'M8 1.8 15 14H1L8 1.8zm0 2L2.7 13h10.6L8 3.8zM7.4 6.6h1.2v3.6H7.4V6.6zm0 4.4h1.2v1.2H7.4V11z',
  pause: 'M4.5 3h2v10h-2V3zm5 0h2v10h-2V3z',
  stop: 'M4 4h8v8H4V4z',
  chevron: 'M8 10.6 3.2 5.8l.8-.8 4 4 4-4 .8.8L8 10.6z',
  keyboard:
    'M1.5 3.5h13v9h-13v-9zm1 1v7h11v-7h-11zm1.5 1.3h1.2V7H4V5.8zm2.3 0h1.2V7H6.3V5.8zm2.3 0h1.2V7H8.6V5.8zm2.3 0h1.2V7h-1.2V5.8zM4.5 9h7v1.2h-7V9z',
  search:
    'M6.8 2a4.8 4.8 0 0 1 3.8 7.7l3.2 3.2-.8.8-3.2-3.2A4.8 4.8 0 1 1 6.8 2zm0 1.1a3.7 3.7 0 1 0 0 7.4 3.7 3.7 0 0 0 0-7.4z',
} as const;

/** Makes an icon; it is decoration, the control around it carries the name. */
export function icon(name: keyof typeof paths): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.add('icon');
  const path = document.createElementNS(namespace, 'path');
  path.setAttribute('d', paths[name]);
  path.setAttribute('fill', 'currentColor');
  svg.append(path);
  return svg;
}
