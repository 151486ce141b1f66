export function findPython(): { readonly command: readonly string[]; readonly version: string };
