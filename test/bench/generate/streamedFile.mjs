import { closeSync, openSync, writeSync } from 'node:fs';

const flushLength = 1 << 20;

/** A file that is written piece by piece, so that its size is no question of memory. */
export class StreamedFile {
  /** Bytes so far; text counts as ASCII. */
  size = 0;
  pieces = [];
  pending = 0;

  constructor(path) {
    this.descriptor = openSync(path, 'w');
  }

  text(text) {
    this.add(text);
  }

  bytes(bytes) {
    this.add(bytes);
  }

  add(piece) {
    this.pieces.push(piece);
    this.size += piece.length;
    this.pending += piece.length;
    if (this.pending >= flushLength) this.flush();
  }

  flush() {
    const isText = this.pieces.every(piece => typeof piece === 'string');
    const whole = isText
      ? Buffer.from(this.pieces.join(''), 'latin1')
      : Buffer.concat(this.pieces.map(piece => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
    for (let at = 0; at < whole.length; ) at += writeSync(this.descriptor, whole, at);
    this.pieces = [];
    this.pending = 0;
  }

  close() {
    this.flush();
    closeSync(this.descriptor);
  }
}

/** Writes `[a,b,c]` piece by piece. */
export function writeArray(file, length, textOf) {
  file.text('[');
  for (let i = 0; i < length; i++) file.text(i === 0 ? textOf(i) : `,${textOf(i)}`);
  file.text(']');
}
