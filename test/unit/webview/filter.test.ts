import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchFunctions, parseFilter } from '../../../webview/filter';
import { sampleView } from './flame/sampleView';

const target = { name: 'Agent.on_utterance', file: '/home/ada/src/agent/tokens.py' };
function matches(text: string, of = target): boolean | string {
  const filter = parseFilter(text);
  return filter.kind === 'match' ? filter.matches(of) : filter.kind;
}

test('a plain text is looked for literally, whatever its case', () => {
  assert.equal(matches('ON_utter'), true);
  assert.equal(matches('agent.on'), true);
  assert.equal(matches('agentXon'), false);
  assert.equal(matches('.*'), false);
});

test('a text between slashes is a regular expression', () => {
  assert.equal(matches('/^agent\\.on/'), true);
  assert.equal(matches('/^on/'), false);
  assert.equal(matches('/on_(utter|listen)/i'), true);
});

test('an expression that is still being typed filters by what is there', () => {
  assert.equal(matches('/agent'), true);
  assert.equal(matches('/'), 'none');
});

test('an invalid expression says so', () => {
  const filter = parseFilter('/(/');
  assert.equal(filter.kind, 'invalid');
  assert.match(filter.kind === 'invalid' ? filter.reason : '', /\(/);
});

test('path: and module: look at the file', () => {
  assert.equal(matches('path:src/agent'), true);
  assert.equal(matches('path:on_utterance'), false);
  assert.equal(matches('path:/tokens\\.py$/'), true);
  assert.equal(matches('module:agent.tokens'), true);
  assert.equal(matches('module:agent.py'), false);
  assert.equal(matches('module:agent', { name: 'f', file: 'C:\\work\\agent\\__init__.py' }), true);
  assert.equal(matches('path:'), 'none');
});

test('a filter marks the functions of a view; no filter and a broken one mark nothing', () => {
  assert.deepEqual([...(matchFunctions(parseFilter('b'), sampleView.functions) ?? [])], [0, 1, 0, 0]);
  assert.equal(matchFunctions(parseFilter('  '), sampleView.functions), null);
  assert.equal(matchFunctions(parseFilter('/[/'), sampleView.functions), null);
});
