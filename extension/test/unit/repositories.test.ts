import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activeRepository, repositories, type Surroundings } from '../../src/repositories.js';

/** A disk with these repositories. */
function around(
    git: string[],
    folders: string[],
    more: Partial<Surroundings> = {},
    below: Record<string, string[]> = {},
): Surroundings {
    return {
        folders,
        hasGit: async (folder) => git.includes(folder),
        subfolders: async (folder) => below[folder] ?? [],
        ...more,
    };
}

test('the active editor’s nearest repository is meant, a nested one before its surroundings', async () => {
    const disk = (activeFile: string) => around(['/w', '/w/vendor/lib'], ['/w'], { activeFile });
    assert.equal(await activeRepository(disk('/w/src/a.py')), '/w');
    assert.equal(await activeRepository(disk('/w/vendor/lib/src/b.py')), '/w/vendor/lib');
    assert.equal(await activeRepository(around(['/other'], ['/w'], { activeFile: '/w/a.py' })), undefined);
    assert.equal(await activeRepository(around(['/w'], ['/w'])), undefined);
});

test('a workspace folder inside a repository means that repository', async () => {
    assert.deepEqual(await repositories(around(['/repo'], ['/repo/packages/a', '/repo/packages/b'])), ['/repo']);
});

test('a folder of repositories offers each of them', async () => {
    const disk = around(['/all/one', '/all/two'], ['/all'], {}, { '/all': ['/all/none', '/all/one', '/all/two'] });
    assert.deepEqual(await repositories(disk), ['/all/one', '/all/two']);
});

test('a workspace without repositories has none', async () => {
    assert.deepEqual(await repositories(around([], ['/w'])), []);
    assert.deepEqual(await repositories(around([], [])), []);
});
