import { inert, inertJson } from '../../../shared/inertText';

/** Names come from foreign programs and files: these make them harmless where they are written down. */

/** What no XML and no UTF-8 can hold. */
const impossible = /[\p{Cs}\ufffe\uffff]/gu;

/** A value as JSON. Control and bidirectional characters are escaped, so that the file can be looked at. */
export function jsonText(value: unknown): string {
  return inertJson(JSON.stringify(value));
}

/** Text for formats without escapes: such characters are shown as their codes. */
export function plainText(text: string): string {
  return inert(text).replace(impossible, '\ufffd');
}

/** The same for XML text and attributes. */
export function xmlText(text: string): string {
  return plainText(text).replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}
