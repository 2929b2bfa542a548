// Packs ../dist/anvcs-<version>.vsix; the server's wheel, if it lies in dist/wheels/, travels in it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
const vsce = createRequire(import.meta.url).resolve('@vscode/vsce/vsce');
mkdirSync(`${root}/../dist`, { recursive: true });
// The repository has no public address yet, and everything is bundled, so there are no dependencies to collect.
const options = [
    '--no-dependencies',
    '--allow-missing-repository',
    '--skip-license',
    '-o',
    `../dist/anvcs-${version}.vsix`,
];
const { status } = spawnSync(process.execPath, [vsce, 'package', ...options], { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
