import { expect, it } from 'vitest';
import { mountPointsUnder } from './mounts.ts';

const mountinfo = `24 1 254:0 / / rw,relatime - ext4 /dev/vda rw
90 24 0:45 / /run/csms-1a2b3c4d/containerd/rootfs rw - overlay overlay rw
91 24 0:46 / /run/csms-1a2b3c4d rw - tmpfs tmpfs rw
92 24 0:47 / /run/csms-1a2b3c4d5/other rw - tmpfs tmpfs rw
93 24 0:48 / /var/with\\040blank/volume rw - tmpfs tmpfs rw
`;

it('finds what is mounted at or under a folder, deepest first, and nothing of a folder whose name only begins like it', () => {
  expect(mountPointsUnder(mountinfo, ['/run/csms-1a2b3c4d'])).toEqual(['/run/csms-1a2b3c4d/containerd/rootfs', '/run/csms-1a2b3c4d']);
  expect(mountPointsUnder(mountinfo, ['/var/with blank'])).toEqual(['/var/with blank/volume']);
  expect(mountPointsUnder(mountinfo, ['/nowhere'])).toEqual([]);
});
