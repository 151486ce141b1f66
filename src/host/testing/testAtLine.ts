/** Finds the test that a line of Python source belongs to, by how it is written. Pure. */

const definition = /^(\s*)(?:async\s+)?(def|class)\s+(\w+)/;

/**
 * The names from the outermost class down to the test: `['TestCart', 'test_add']`. A test's name begins with `test`; a
 * class alone counts when the line is in none of its tests. Undefined when the line is in no test. `line` is 0-based.
 */
export function testAtLine(lines: readonly string[], line: number): string[] | undefined {
  const path: string[] = [];
  let limit = Number.POSITIVE_INFINITY;
  let isTest = false;
  for (let at = line; at >= 0 && limit > 0; at--) {
    const text = lines[at] ?? '';
    if (text.trim() === '') continue;
    const indent = text.length - text.trimStart().length;
    if (indent >= limit && at !== line) continue;
    const [, , kind, name = ''] = definition.exec(text) ?? [];
    if (kind === 'def') {
      // What was found inside a helper is no test: the test is the outermost function.
      path.length = 0;
      isTest = name.startsWith('test');
      if (isTest) path.push(name);
    } else if (kind === 'class') path.unshift(name);
    limit = Math.min(limit, indent);
  }
  const isTestClass = path.some(name => /Test/.test(name));
  return path.length > 0 && (isTest || isTestClass) ? path : undefined;
}
