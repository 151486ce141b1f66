import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { applyMapping, checkPathMappings, deriveMapping } from '../../../src/shared/pathMapping';

const name = fc.stringMatching(/^[A-Za-z0-9_ äß.-]{1,6}$/).filter(text => !/^\.+$/.test(text));
const posix = fc.array(name, { minLength: 1, maxLength: 6 }).map(names => `/${names.join('/')}`);
const windows = fc
  .tuple(fc.constantFrom('C:', 'd:', '\\\\server\\share'), fc.array(name, { minLength: 1, maxLength: 6 }))
  .map(([root, names]) => [root, ...names].join('\\'));
const relative = fc.array(name, { minLength: 1, maxLength: 4 }).map(names => names.join('/'));

describe('a mapping that a user teaches', () => {
  it('maps the file that it was taught with', () => {
    fc.assert(
      fc.property(fc.oneof(posix, windows, relative), fc.oneof(posix, windows), (recorded, local) => {
        const mapping = deriveMapping(recorded, local);
        assert.equal(mapping ? applyMapping(mapping, recorded) : recorded, local);
      }),
      { numRuns: 2000 },
    );
  });

  it('maps the neighbours of that file to its neighbours', () => {
    fc.assert(
      fc.property(
        posix,
        posix,
        fc.array(name, { minLength: 2, maxLength: 4 }),
        name,
        (there, here, end, other) => {
          fc.pre(there !== here);
          const mapping = deriveMapping(`${there}/${end.join('/')}`, `${here}/${end.join('/')}`);
          assert.ok(mapping);
          const neighbour = [...end.slice(0, -1), other].join('/');
          assert.equal(applyMapping(mapping, `${there}/${neighbour}`), `${here}/${neighbour}`);
        },
      ),
    );
  });

  for (const [recorded, local, from, to] of [
    ['/srv/app/pkg/mod.py', '/home/me/proj/pkg/mod.py', '/srv/app', '/home/me/proj'],
    ['/app/main.py', '/home/me/main.py', '/app', '/home/me'],
    ['/main.py', '/home/me/main.py', '/main.py', '/home/me/main.py'],
    ['pkg/mod.py', '/w/src/pkg/mod.py', 'pkg', '/w/src/pkg'],
    ['mod.py', '/w/mod.py', 'mod.py', '/w/mod.py'],
    ['C:\\build\\pkg\\mod.py', '/w/pkg/mod.py', 'C:\\build', '/w'],
    ['/w/pkg/mod.py', 'C:\\proj\\pkg\\mod.py', '/w', 'C:\\proj'],
    ['/app/old.py', '/w/new.py', '/app/old.py', '/w/new.py'],
  ] as const) {
    it(`is as general as can be for ${recorded} at ${local}`, () => {
      assert.deepEqual(deriveMapping(recorded, local), { from, to });
    });
  }

  it('is none when the file is where it was recorded', () => {
    assert.equal(deriveMapping('/a/b.py', '/a/b.py'), undefined);
  });
});

describe('a mapping', () => {
  it('counts whole names', () => {
    assert.equal(applyMapping({ from: '/app', to: '/w' }, '/apple/x.py'), undefined);
    assert.equal(applyMapping({ from: '/app/', to: '/w/' }, '/app/x.py'), '/w/x.py');
  });

  it('ignores the case of Windows paths only, and takes both slashes there', () => {
    assert.equal(applyMapping({ from: 'c:/Proj', to: '/w' }, 'C:\\proj\\a.py'), '/w/a.py');
    assert.equal(applyMapping({ from: '/App', to: '/w' }, '/app/a.py'), undefined);
    assert.equal(applyMapping({ from: 'C:\\proj', to: '/w' }, '\\\\?\\C:\\proj\\a.py'), '/w/a.py');
  });

  it('keeps variables for whoever knows the workspace', () => {
    assert.equal(
      applyMapping({ from: '/app', to: `\${workspaceFolder}` }, '/app/a.py'),
      `\${workspaceFolder}/a.py`,
    );
  });
});

describe('mappings in the settings', () => {
  it('are taken where they are some', () => {
    const good = { from: '/a', to: '/b' };
    assert.deepEqual(checkPathMappings([good, { from: 1, to: '/b' }, { from: '', to: '/b' }, null, 'x']), [
      good,
    ]);
    for (const value of [undefined, null, {}, 'x', 3]) assert.deepEqual(checkPathMappings(value), []);
  });
});
