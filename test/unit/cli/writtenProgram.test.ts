import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readWrittenProgram } from '../../../src/cli/writtenProgram';

/** `python words | program words`. */
function read(line: string): string {
  const { python, pythonArgs, words } = readWrittenProgram(line.split(' '));
  return `${[...(python === undefined ? [] : [python]), ...pythonArgs].join(' ')} | ${words.join(' ')}`;
}

describe('a command as people write it', () => {
  it('is the program’s own words when no Python stands before it', () => {
    for (const line of ['app.py --rate 3', '-m shop run', '-c 1', 'run.sh', 'uv', 'uv.py run x']) {
      assert.equal(read(line), ` | ${line}`);
    }
  });

  it('names the interpreter and its options', () => {
    assert.equal(read('python app.py -X dev'), 'python | app.py -X dev');
    assert.equal(
      read('/opt/py/bin/python3.12 -X dev -W error -u -m shop'),
      '/opt/py/bin/python3.12 -X dev -W error -u | -m shop',
    );
    assert.equal(read('python3.13t -Xgil=0 -c pass'), 'python3.13t -Xgil=0 | -c pass');
    assert.equal(read('python'), 'python | ');
  });

  it('runs in a project’s environment', () => {
    assert.equal(read('uv run app.py --with x'), 'uv run python | app.py --with x');
    assert.equal(
      read('uv run --with numpy --no-sync app.py'),
      'uv run --with numpy --no-sync python | app.py',
    );
    assert.equal(read('uv run --script app.py'), 'uv run python | app.py');
    assert.equal(read('uv run -m shop --fast'), 'uv run python | -m shop --fast');
    assert.equal(read('uv run python -X dev app.py'), 'uv run python -X dev | app.py');
    assert.equal(read('uv run -- bin/tool 1'), 'uv run -- python | bin/tool 1');
    assert.equal(read('poetry -C shop app.py'), ' | poetry -C shop app.py');
    assert.equal(read('poetry run -C shop python3 app.py'), 'poetry run -C shop python3 | app.py');
    assert.equal(read('pipenv run app.py'), 'pipenv run python | app.py');
    assert.equal(read('pdm run -p shop app.py'), 'pdm run -p shop python | app.py');
    assert.equal(read('conda run -n shop python app.py'), 'conda run -n shop python | app.py');
  });

  it('runs there with the tool’s own options before «run»', () => {
    assert.equal(read('poetry -C shop run app.py'), 'poetry -C shop run python | app.py');
    assert.equal(read('uv --project shop run app.py'), 'uv --project shop run python | app.py');
    assert.equal(read('hatch -v -e test run pytest'), 'hatch -v -e test run python | -m pytest');
  });

  it('takes a package’s command for its module, and remembers that it need not be', () => {
    assert.equal(read('uv run pytest -x tests'), 'uv run python | -m pytest -x tests');
    assert.equal(read('poetry run gunicorn app:app'), 'poetry run python | -m gunicorn app:app');
    assert.equal(readWrittenProgram(['uv', 'run', 'pytest']).command, 'pytest');
    assert.equal(readWrittenProgram(['uv', 'run', '-m', 'pytest']).command, undefined);
  });

  it('has no program when there is none', () => {
    assert.equal(read('uv run'), 'uv run python | ');
    assert.equal(read('uv run --with numpy'), 'uv run --with numpy python | ');
  });
});
