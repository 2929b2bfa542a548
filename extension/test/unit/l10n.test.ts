import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setLanguage, t } from '../../webview/l10n.js';
import { relative } from '../../webview/time.js';
import { texts } from '../texts.js';

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
const places = (text: string) => (text.match(/\{\d\}/g) ?? []).sort();

test('every text of the source is in both bundles, and nothing else is', () => {
    const expected = texts();
    assert.ok(expected.length > 100);
    for (const bundle of ['l10n/bundle.l10n.json', 'l10n/bundle.l10n.de.json']) {
        assert.deepEqual(Object.keys(read(bundle)).sort(), expected, bundle);
    }
});

test('a translation has the places of its English', () => {
    for (const [english, german] of Object.entries(read('l10n/bundle.l10n.de.json'))) {
        assert.deepEqual(places(german), places(english), english);
    }
});

test('every text of the manifest is in both of its bundles, and nothing else is', () => {
    const manifest = readFileSync('package.json', 'utf8');
    const used = [...manifest.matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key as string);
    for (const bundle of ['package.nls.json', 'package.nls.de.json']) {
        assert.deepEqual(Object.keys(read(bundle)).sort(), [...new Set(used)].sort(), bundle);
    }
});

test('a webview speaks the language it is told, and English where a text is missing', () => {
    setLanguage('de', read('l10n/bundle.l10n.de.json'));
    assert.equal(t('by {0} with {1}', 'Ada', 'agent:foo'), 'von Ada mit agent:foo');
    assert.equal(t('never translated {0}', 1), 'never translated 1');
    assert.equal(relative(0, 7200), 'vor 2 Stunden');
    setLanguage('en', {});
});

test('text that is filled in is not filled in again', () => {
    assert.equal(t('by {0} with {1}', '{1}', 'x'), 'by {1} with x');
});
