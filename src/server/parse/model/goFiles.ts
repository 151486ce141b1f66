/** Go's own packages have no dot in their first folder; those below the old GOPATH are called after a host. */
const standardLibrary =
  /[/\\]go(?:-\d[\d.]*|[/\\]\d[\d.]*[/\\]libexec)?[/\\]src[/\\][^/\\.]+[/\\].*\.(?:go|s)$/i;
/** Modules lie in folders with their version, also where a build trims the rest of the path. */
const module = /[^/\\]@v\d[^/\\]*[/\\].*\.(?:go|s)$/;

/** True for files of Go's standard library. */
export function isGoStandardLibrary(file: string): boolean {
  return standardLibrary.test(file);
}

/** True for files of the modules that a Go program was built with. */
export function isGoModule(file: string): boolean {
  return module.test(file);
}
