/** The bytes that give JSON its shape. */
export const space = 0x20;
export const quote = 0x22;
export const backslash = 0x5c;
export const comma = 0x2c;
export const colon = 0x3a;
export const minus = 0x2d;
export const plus = 0x2b;
export const dot = 0x2e;
export const zero = 0x30;
export const openArray = 0x5b;
export const closeArray = 0x5d;
export const openObject = 0x7b;
export const closeObject = 0x7d;
export const lowerE = 0x65;
