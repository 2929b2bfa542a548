/** Finding the texts that are translated. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The first argument of `t(` and `l10n.t(`: a string literal. */
const CALL = /\bt\(\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/g;

function textsOf(source: string): string[] {
    return [...source.matchAll(CALL)].map(([, literal = '']) => literal.slice(1, -1).replaceAll(/\\(['"])/g, '$1'));
}

/** Every translated text of the extension and its webviews, sorted. */
export function texts(): string[] {
    const files = ['src', 'webview'].flatMap((folder) =>
        readdirSync(folder, { recursive: true, encoding: 'utf8' })
            .filter((name) => name.endsWith('.ts'))
            .map((name) => join(folder, name)),
    );
    return [...new Set(files.flatMap((file) => textsOf(readFileSync(file, 'utf8'))))].sort();
}
