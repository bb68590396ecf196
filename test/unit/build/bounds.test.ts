import { describe, expect, test } from "vitest";
import { boundsIn } from "../../../src/build/step-failure.ts";
import { diskVerdict } from "../../../src/build/watch.ts";

const blocks = (free: number) =>
  `Filesystem     1024-blocks     Used Available Capacity Mounted on\noverlay          264212084 60337992  ${free}      57% /build\n`;
const inodes = (total: number, free: number) =>
  `Filesystem       Inodes  IUsed    IFree IUse% Mounted on\noverlay        ${total} 400000 ${free}    3% /build\n`;

describe("what a container's kernel says of its bounds", () => {
  test.for([
    ["room for all", `pids max 0\n${blocks(46052920)}${inodes(16777216, 16000000)}`, false, false],
    ["forks refused", `pids max 12\n${blocks(46052920)}${inodes(16777216, 16000000)}`, true, false],
    ["no space", `pids max 0\n${blocks(1000)}${inodes(16777216, 16000000)}`, false, true],
    ["no inodes", `${blocks(46052920)}${inodes(16777216, 0)}`, false, true],
    ["no count of inodes", `${blocks(46052920)}${inodes(0, 0)}`, false, false],
    ["nothing at all", "", false, false],
  ] as const)("%s", ([, said, hasRefusedProcesses, isDiskFull]) => {
    expect(boundsIn(said)).toEqual({ hasRefusedProcesses, isDiskFull });
  });
});

describe("the watch of the disk", () => {
  test.for([
    ["free overlay 264212084 60337992 46052920 57% /build", null, null],
    ["free overlay 264212084 60337992 1000 99% /build", null, "disk-full"],
    // A line that is cut in a number tells nothing.
    ["free overlay 264212084 60337992 4", null, null],
    ["used 2048 total", 1024 ** 2, "disk-limit"],
    ["used 2048 total", 4 * 1024 ** 2, null],
    ["used 2048 total", null, null],
    ["used 2048", 1024 ** 2, null],
  ] as const)("of %j, bounded at %s bytes, says %s", ([line, bytes, code]) => {
    expect(diskVerdict(line, bytes)?.code ?? null).toBe(code);
  });
});
