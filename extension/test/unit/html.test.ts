import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { html, newNonce } from '../../src/views/html.js';

const PAGE = {
    title: 'Graph: <repo> & "co"',
    language: 'de',
    script: 'https://files.example/graph.js',
    style: 'https://files.example/graph.css',
    cspSource: 'https://files.example',
    nonce: newNonce(),
};

const text = html(PAGE);
const policy = /Content-Security-Policy" content="([^"]*)"/.exec(text)?.[1] ?? '';

test('nothing is allowed but our files and the one script', () => {
    assert.ok(policy.startsWith("default-src 'none';"), policy);
    assert.doesNotMatch(policy, /unsafe|\*|data:|http:/);
    assert.match(policy, new RegExp(`script-src 'nonce-${PAGE.nonce.replaceAll('+', '\\+')}'$`));
});

test('nothing is inline: no handler, no style, no script text', () => {
    assert.doesNotMatch(text, /\son\w+=|style=|<style|javascript:/i);
    assert.deepEqual(text.match(/<script[^>]*>[^<]+/g), null);
    assert.equal(text.match(/<script/g)?.length, 1);
});

test('a title cannot break out of its element', () => {
    assert.ok(text.includes('<title>Graph: &lt;repo&gt; &amp; &quot;co&quot;</title>'));
});

test('nonces are long and new each time', () => {
    assert.notEqual(newNonce(), newNonce());
    assert.ok(Buffer.from(newNonce(), 'base64').length >= 16);
});

test('style sheets name no colour of their own and load nothing', () => {
    for (const file of ['common.css', 'graph/graph.css', 'commit/commit.css']) {
        const css = readFileSync(`webview/${file}`, 'utf8');
        assert.doesNotMatch(css, /#[0-9a-f]{3,8}\b(?![^{]*\{)|rgba?\(|hsl/i, file);
        assert.doesNotMatch(css, /url\(/, file);
    }
});
