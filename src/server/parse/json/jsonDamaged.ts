/** The text stops being JSON at this byte of the file. Everything before it was good. */
export class JsonDamaged extends Error {
  constructor(
    readonly offset: number,
    readonly isCutOff: boolean,
  ) {
    super(isCutOff ? `cut off at byte ${offset}` : `not JSON at byte ${offset}`);
    this.name = 'JsonDamaged';
  }
}
