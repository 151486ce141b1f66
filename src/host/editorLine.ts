/** Lines are 1-based in profiles and 0-based in editors; this is the one place that turns them. */
export function toEditorLine(profileLine: number): number {
  return Math.max(0, profileLine - 1);
}

/** The reverse of `toEditorLine`. */
export function toProfileLine(editorLine: number): number {
  return editorLine + 1;
}
