import { ProfileBuilder } from '../../../src/server/parse/model/profileBuilder';
import { profileInfo } from '../../../src/server/parse/model/profileInfo';
import { Slicer } from '../../../src/server/slicer';
import { type Profile, sampleState } from '../../../src/shared/profile';

/** A stack, root first, each frame as `name file:definition:line`. */
type Stack = readonly string[];

/** A stretch of a lane: this stack for so many samples, computing or waiting. */
interface Stretch {
  readonly stack: Stack;
  readonly count: number;
  readonly isWaiting?: boolean;
}

const root = '/home/ada/voice';
const lib = '/usr/lib/python3.13';
const site = '/home/ada/voice/.venv/lib/python3.13/site-packages';
const files: Readonly<Record<string, string>> = {
  'agent.py': `${root}/agent.py`,
  'tokens.py': `${root}/agent/tokens.py`,
  'audio.py': `${root}/agent/audio.py`,
  'runners.py': `${lib}/asyncio/runners.py`,
  'base_events.py': `${lib}/asyncio/base_events.py`,
  'events.py': `${lib}/asyncio/events.py`,
  'selectors.py': `${lib}/selectors.py`,
  'threading.py': `${lib}/threading.py`,
  'thread.py': `${lib}/concurrent/futures/thread.py`,
  'decoder.py': `${lib}/json/decoder.py`,
  'json.py': `${lib}/json/__init__.py`,
  'encoder.py': `${lib}/json/encoder.py`,
  'protocol.py': `${site}/websockets/legacy/protocol.py`,
  'client.py': `${site}/httpx/_client.py`,
  native: '~',
};

/** Source texts by file and line, as the server would have kept them. */
export const sourceLines: Readonly<Record<string, string>> = {
  'agent.py:140': 'asyncio.run(main())',
  'agent.py:96': 'await asyncio.gather(*(turn(agent, text) for text in script))',
  'agent.py:61': 'best = score(tokens, self.vocabulary)',
  'agent.py:66': 'self.socket.send(encode(reply))',
  'agent.py:72': 'time.sleep(0.05)  # "let the speaker catch up"',
  'tokens.py:44': 'd = distance(token, candidate, limit=best_distance)',
  'tokens.py:23': 'row.append(min(row[-1] + 1, previous[j] + 1, previous[j - 1] + (a != b)))',
  'tokens.py:29': 'text = unicodedata.normalize("NFKC", word).casefold()',
  'audio.py:18': 'chunk = [sample * gain for sample in samples]',
  'audio.py:31': 'payload = json.dumps({"pcm": chunk, "rate": 24_000})',
  'audio.py:52': 'self.queue.get()',
};

const boot: Stack = [
  '<module> agent.py:1:140',
  'run runners.py:160:195',
  'run_until_complete base_events.py:650:712',
  'run_forever base_events.py:618:641',
  '_run_once base_events.py:1900:1998',
];
const step: Stack = [...boot, '_run events.py:84:89'];
const turn: Stack = [...step, 'Agent.on_utterance agent.py:55:61'];
const score: Stack = [...turn, 'score tokens.py:41:44'];

const oneTurn: readonly Stretch[] = [
  { stack: [...boot, 'select selectors.py:430:452'], count: 4, isWaiting: true },
  { stack: [...step, 'Agent.listen agent.py:40:48'], count: 2 },
  { stack: [...score, 'distance tokens.py:12:23'], count: 17 },
  { stack: score, count: 5 },
  { stack: [...score, 'normalize tokens.py:27:29', 'normalize native:0:0'], count: 6 },
  { stack: [...score, 'sorted native:0:0', '<lambda> tokens.py:49:49'], count: 4 },
  {
    stack: [
      ...turn.slice(0, -1),
      'Agent.on_utterance agent.py:55:63',
      'loads json.py:299:346',
      'decode decoder.py:341:345',
    ],
    count: 5,
  },
  {
    stack: [
      ...turn.slice(0, -1),
      'Agent.on_utterance agent.py:55:63',
      'loads json.py:299:346',
      'decode decoder.py:341:345',
      'raw_decode decoder.py:351:361',
    ],
    count: 3,
  },
  { stack: [...step, 'Agent.speak agent.py:64:72'], count: 6, isWaiting: true },
  { stack: [...step, 'Agent.speak agent.py:64:66', 'encode audio.py:14:18'], count: 4 },
  {
    stack: [
      ...step,
      'Agent.speak agent.py:64:66',
      'encode audio.py:14:31',
      'dumps json.py:183:238',
      'encode encoder.py:183:200',
      'iterencode encoder.py:205:261',
    ],
    count: 5,
  },
  {
    stack: [
      ...step,
      'Agent.speak agent.py:64:66',
      'send protocol.py:580:640',
      'write_frame protocol.py:1100:1132',
    ],
    count: 2,
  },
  {
    stack: [...step, 'Agent.speak agent.py:64:67', 'request client.py:800:825', 'send client.py:890:914'],
    count: 1,
  },
];

const oneWorkerTurn: readonly Stretch[] = [
  { stack: workerStack(['get thread.py:70:81']), count: 18, isWaiting: true },
  {
    stack: workerStack(['run thread.py:53:59', 'transcribe audio.py:60:71', 'fft audio.py:80:92']),
    count: 26,
  },
  {
    stack: workerStack([
      'run thread.py:53:59',
      'transcribe audio.py:60:74',
      'fib audio.py:100:103',
      'fib audio.py:100:103',
      'fib audio.py:100:103',
      'fib audio.py:100:102',
    ]),
    count: 12,
  },
  {
    stack: workerStack(['run thread.py:53:59', 'transcribe audio.py:60:76', 'dumps json.py:183:238']),
    count: 8,
  },
];

function workerStack(frames: Stack): Stack {
  return [
    '_bootstrap threading.py:1010:1014',
    '_bootstrap_inner threading.py:1040:1043',
    '_worker thread.py:81:93',
    ...frames,
  ];
}

const taskTurns: readonly (readonly Stretch[])[] = [
  [
    { stack: ['main agent.py:90:96', 'Agent.transcribe agent.py:76:81'], count: 34, isWaiting: true },
    { stack: [], count: 30 },
  ],
  [
    {
      stack: ['main agent.py:90:96', 'Agent.play agent.py:84:88', 'sleep runners.py:20:22'],
      count: 40,
      isWaiting: true,
    },
    { stack: [], count: 24 },
  ],
];

/** How large a profile to make. `fanOut` adds that many extra functions, for the bench, `tasks` as many tasks. */
export interface SampleOptions {
  readonly turns: number;
  readonly fanOut: number;
  readonly tasks?: number;
}

/** A voice agent's run, built by the same builder that the parsers use. */
export async function sampleProfile(options: SampleOptions = { turns: 9, fanOut: 0 }): Promise<Profile> {
  const builder = new ProfileBuilder({ ownRoots: [root] });
  const intervalNs = 10e6;
  const lanes = ['MainThread', 'transcriber_0', 'audio-writer'].map((name, index) =>
    builder.lane({ kind: 'thread', parent: -1, pid: 4120, tid: 4120 + index, name, isMain: index === 0 }),
  );
  const more = Array.from({ length: options.tasks ?? 0 }, (_, index) => `turn ${index + 1}`);
  const tasks = ['transcribe', 'speak', ...more].map(name =>
    builder.lane({ kind: 'task', parent: lanes[0] ?? 0, pid: 4120, tid: 0, name, isMain: false }),
  );
  const scripts = [
    oneTurn,
    oneWorkerTurn,
    [{ stack: workerStack(['get audio.py:50:52']), count: 64, isWaiting: true }],
    ...taskTurns,
    ...more.flatMap((_, index) => taskTurns[index % 2] ?? []).map(stretch => [stretch]),
  ];
  let endNs = 0;
  [...lanes, ...tasks].forEach((lane, which) => {
    let atNs = 1e12;
    const random = seeded(which + 1);
    for (let turnNumber = 0; turnNumber < options.turns; turnNumber++) {
      for (const stretch of scripts[which] ?? []) {
        const count = Math.max(1, Math.round(stretch.count * (0.7 + random() * 0.6)));
        for (let sample = 0; sample < count; sample++) {
          atNs += intervalNs;
          const extra = options.fanOut > 0 && !stretch.isWaiting ? fanned(random, options.fanOut) : [];
          addSample(builder, {
            lane,
            atNs,
            intervalNs,
            stack: [...stretch.stack, ...extra],
            isWaiting: stretch.isWaiting ?? false,
            isTask: which >= 3,
          });
        }
      }
    }
    endNs = Math.max(endNs, atNs);
  });
  for (let pause = 0; pause < 14; pause++) {
    builder.gcPause({ startNs: 1e12 + pause * 3.1e8, durationNs: 1.7e6, generation: pause % 3, lane: 0 });
  }
  return builder.finish({ info: infoOf(endNs - 1e12), endNs }, new Slicer());
}

function infoOf(durationNs: number): Profile['info'] {
  return profileInfo({
    format: 'Pyrolens',
    engine: 'sampler',
    engineVersion: '0.1.0',
    startNs: 1e12,
    startEpochNs: 0,
    durationNs,
    hasTimeAxis: true,
    lineMeaning: 'executing',
    hasColumns: false,
    hasCpu: true,
    rateHzAsked: 100,
    rateHzReached: 99,
    python: '3.13.1',
    samplerCpuNs: durationNs * 0.012,
  });
}

function addSample(
  builder: ProfileBuilder,
  sample: {
    lane: number;
    atNs: number;
    intervalNs: number;
    stack: Stack;
    isWaiting: boolean;
    isTask: boolean;
  },
): void {
  if (sample.isTask && sample.stack.length === 0) return;
  let node = -1;
  for (const frame of sample.stack) node = builder.node(node, frameOf(builder, frame));
  const suspended = sample.isTask ? sampleState.suspended : 0;
  builder.sample({
    lane: sample.lane,
    endNs: sample.atNs,
    weightNs: sample.intervalNs,
    node,
    cpuNs: sample.isWaiting ? 0 : sample.intervalNs * 0.97,
    state: sample.isWaiting ? sampleState.waiting | suspended : 0,
    task: -1,
  });
}

function frameOf(builder: ProfileBuilder, text: string): number {
  const [name = '', place = ''] = text.split(' ');
  const [file = '', first = '0', line = '0'] = place.split(':');
  const func = builder.func(name, files[file] ?? `${root}/agent/${file}`, Number(first));
  return builder.frame({ func, line: Number(line), endLine: Number(line), column: -1, endColumn: -1 });
}

/** A random chain of frames, so that a picture has tens of thousands of boxes. */
function fanned(random: () => number, fanOut: number): Stack {
  const depth = 3 + Math.floor(random() * 24);
  return Array.from({ length: depth }, (_, level) => {
    const which = Math.floor(random() * fanOut);
    return `step_${which} part${which % 7}.py:${10 + which * 12}:${12 + which * 12 + level}`;
  });
}

function seeded(seed: number): () => number {
  let state = seed * 2654435761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 4294967296;
  };
}
