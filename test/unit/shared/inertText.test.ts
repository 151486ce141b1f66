import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { inert, inertCode, inertJson, inertLabel } from '../../../src/shared/inertText';

/** What a terminal, a renderer or a reader could be steered by. */
const isActive = (text: string) => /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_C}\p{Cs}\ufeff\u200b]/u.test(text);
const anything = fc.string({ unit: 'binary', maxLength: 20 });

describe('an inert text', () => {
  it('shows what would act, by its code, and leaves the rest as it is', () => {
    assert.equal(inert('a\u202eb'), 'a⟨U+202E⟩b');
    assert.equal(inert('\u001b[31mred\u0007'), '⟨U+001B⟩[31mred⟨U+0007⟩');
    assert.equal(inert('one\ntwo\r'), 'one⟨U+000A⟩two⟨U+000D⟩');
    assert.equal(inert('\u{e0041}\ud800'), '⟨U+E0041⟩⟨U+D800⟩');
    for (const plain of ['süß', '<module>', 'C++::f<int>', '関数', 'دالة', '👩‍💻', 'a b'])
      assert.equal(inert(plain), plain);
  });

  it('holds nothing active, and is inert already', () => {
    fc.assert(
      fc.property(anything, text => {
        assert.ok(!isActive(inert(text)));
        assert.equal(inert(inert(text)), inert(text));
      }),
    );
  });

  it('keeps the indentation of code readable', () => {
    assert.equal(inertCode('x\t= "\u2066"'), 'x    = "⟨U+2066⟩"');
  });

  it('draws no icon and is no link as a label', () => {
    assert.equal(inertLabel('$(flame) [x](command:y)\u202e'), '$ (flame) [x] (command:y)⟨U+202E⟩');
  });

  it('as JSON means the same', () => {
    fc.assert(
      fc.property(anything, text => {
        const json = inertJson(JSON.stringify({ text }));
        assert.ok(!isActive(json), json);
        assert.deepEqual(JSON.parse(json), { text });
      }),
    );
  });
});
