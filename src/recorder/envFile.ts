/** The variables of a `.env` file: `NAME=value` lines, as the Python extensions and python-dotenv read them. */

const assignment = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=\s*/;
const reference = /\\\$|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/**
 * Reads the text of a `.env` file. `${NAME}` stands for an earlier line's value, else for the one in `environment`,
 * else for nothing; single quotes and `\$` keep it as it is. What is no assignment is passed over.
 */
export function parseEnvFile(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const variables: Record<string, string> = {};
  const lookUp = (name: string) => variables[name] ?? environment[name] ?? '';
  let rest = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  while (rest !== '') {
    const name = assignment.exec(rest.split('\n', 1)[0] ?? '');
    if (name === null) {
      rest = afterLine(rest);
      continue;
    }
    const { value, length } = readValue(rest.slice(name[0].length), lookUp);
    variables[name[1] ?? ''] = value;
    rest = afterLine(rest.slice(name[0].length + length));
  }
  return variables;
}

function afterLine(text: string): string {
  const end = text.indexOf('\n');
  return end < 0 ? '' : text.slice(end + 1);
}

/** A value and how many characters it takes; a quoted one may go over several lines. */
function readValue(text: string, lookUp: (name: string) => string): { value: string; length: number } {
  const single = /^'([^']*)'/.exec(text);
  if (single) return { value: single[1] ?? '', length: single[0].length };
  const double = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(text);
  if (double) return { value: expand(double[1] ?? '', lookUp, unescaped), length: double[0].length };
  const line = text.split('\n', 1)[0] ?? '';
  const plain = line.replace(/(^|\s)#.*$/, '').trim();
  return { value: expand(plain, lookUp, part => part), length: line.length };
}

function expand(text: string, lookUp: (name: string) => string, literal: (part: string) => string): string {
  let result = '';
  let end = 0;
  for (const match of text.matchAll(reference)) {
    const name = match[1];
    result += literal(text.slice(end, match.index)) + (name === undefined ? '$' : lookUp(name));
    end = match.index + match[0].length;
  }
  return result + literal(text.slice(end));
}

function unescaped(text: string): string {
  return text.replace(/\\([\s\S])/g, (_whole, character: string) => escapes[character] ?? character);
}
