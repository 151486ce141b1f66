import { CallWalk, describePlace, placeCount } from './callWalk.mjs';
import { randomFromSmall } from './random.mjs';
import { StreamedFile } from './streamedFile.mjs';

/** Collapsed stacks as py-spy's raw output has them: `function (file:line);… count`. */
export function writeCollapsed(path, megabytes, seed = 1) {
  const random = randomFromSmall(seed);
  const walk = new CallWalk(random);
  const texts = Array.from({ length: placeCount }, (_, place) => frameText(describePlace(place)));
  const file = new StreamedFile(path);
  while (file.size < megabytes * 1e6) {
    walk.step();
    file.text(`${walk.stack.map(place => texts[place]).join(';')} ${1 + Math.floor(random() * 20)}\n`);
  }
  file.close();
}

function frameText({ name, file, line }) {
  return `${name} (${file}:${line})`;
}
