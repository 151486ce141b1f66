import { describePlace, placeCount, threeWalks } from './callWalk.mjs';
import { randomFromSmall } from './random.mjs';
import { StreamedFile } from './streamedFile.mjs';

/** Austin 3's text: a line per sample, three threads in turn, microseconds at the end. */
export function writeAustinText(path, megabytes, seed = 1) {
  const random = randomFromSmall(seed);
  const walks = threeWalks(random);
  const texts = Array.from({ length: placeCount }, (_, place) => frameText(describePlace(place)));
  const file = new StreamedFile(path);
  file.text('# austin: 3.7.0\n# interval: 1000\n# mode: wall\n\n');
  let durationUs = 0;
  while (file.size < megabytes * 1e6) {
    const tickUs = 950 + Math.floor(random() * 100);
    durationUs += tickUs;
    walks.forEach((walk, thread) => {
      walk.step();
      const frames = walk.stack.map(place => texts[place]).join(';');
      file.text(`P4242;T0:${4242 + thread};${frames} ${tickUs}\n`);
    });
  }
  file.text(`\n# duration: ${durationUs}\n`);
  file.close();
}

function frameText({ name, file, line }) {
  return `${file}:${name}:${line}`;
}
