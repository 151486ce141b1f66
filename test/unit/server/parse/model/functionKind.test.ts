import assert from 'node:assert/strict';
import { test } from 'node:test';
import { functionKind, isInjected } from '../../../../../src/server/parse/model/functionKind';

const origins = { ownRoots: ['/home/me/my project', 'C:\\Users\\Me\\app'] };

const cases: readonly (readonly [string, string])[] = [
  ['/home/me/my project/app.py', 'own'],
  ['C:\\users\\me\\APP\\main.py', 'own'],
  ['<string>', 'own'],
  ['relative.py', 'own'],
  ['/home/me/my project/.venv/lib/python3.12/site-packages/requests/api.py', 'package'],
  ['/home/me/my project/venv/tool.py', 'package'],
  ['/usr/lib/python3/dist-packages/yaml/__init__.py', 'package'],
  ['/home/me/my project elsewhere/x.py', 'package'],
  ['/usr/lib/python3.12/json/decoder.py', 'stdlib'],
  ['/opt/py/lib/python3.13t/threading.py', 'stdlib'],
  ['C:\\Users\\Me\\AppData\\Local\\Programs\\Python\\Python311\\Lib\\queue.py', 'stdlib'],
  ['<frozen importlib._bootstrap>', 'stdlib'],
  ['/usr/local/go/src/runtime/proc.go', 'stdlib'],
  ['/usr/lib/go-1.24/src/runtime/preempt_amd64.s', 'stdlib'],
  ['C:\\Program Files\\Go\\src\\net\\http\\server.go', 'stdlib'],
  ['/opt/homebrew/Cellar/go/1.24.2/libexec/src/runtime/proc.go', 'stdlib'],
  ['/home/me/go/pkg/mod/github.com/google/uuid@v1.6.0/uuid.go', 'package'],
  ['golang.org/x/sync@v0.8.0/errgroup/errgroup.go', 'package'],
  ['/home/me/my project/go/src/example.com/app/main.go', 'own'],
  ['<frozen runpy>', 'runtime'],
  ['/ext/dist/collectors/pyrolens_collect/sampler.py', 'runtime'],
  ['~', 'native'],
  ['', 'native'],
];

for (const [file, kind] of cases) {
  test(`${file || 'no file'} is ${kind}`, () => assert.equal(functionKind(file, origins), kind));
}

test('only our own hook is taken out of stacks, not the user’s', () => {
  assert.ok(isInjected('/ext/dist/collectors/inject/sitecustomize.py'));
  assert.ok(isInjected('/ext/dist/collectors/count_calls.py'));
  assert.ok(!isInjected('/home/me/sitecustomize.py'));
});
