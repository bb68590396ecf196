import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { writeTree } from "./package.ts";

/** What upstream once released as tiny-pristine_1.0.orig.tar.gz, with an owner and a time that git does not keep. */
export const releasedSha256 = "e02e4505ff6f8f6a1d1e17dd14872207d0b524340cd551ed042ed944ec3f8320";

/** What `pristine-tar gendelta` (1.50) makes of that release. */
const delta = `
  H4sIAAAAAAAAAyupLEhloDEwAAIzExMwDQToNBCYMBiaGhsYGJuYmJqYMRgYGpiYmjEoGNDaYSBQWlySWKSgwFCUn1+CTx0h
  +SEKgJ7nGmg3jIKBA7mJeZlpqcU0TdoE87+ZEVr+NzQ2MB/N//QAJZl5lboFRZnFQEaqrqGegT4XplB6UWoqkJOuV1JRMlpa
  DCuQkppTkkhjOwjlf2MjjPrf1Nx4NP/TA1w7fISBlUk2vygzHRgOSYk5Ofr6RanJRamJJakwAdYLDAyNWhcYmBOsWY+cMJ5Y
  +te8KiIKqPm/0E1HJgZFRh4gu3+G45wHDCUMDrEM0r1O35ivdylOKX7ly82/bGWpiPDf19ImumXb/hY9LTu587zK+RSzU7d0
  q+p8tlQVr57a9jVspTTPPzHzGR3aCXKTGORxmc/IICecwSjCwM0oxpDCyyDDKtzkxMfAySgB4TmfDGZo0m0Z0PAcaqAstag4
  Mz+PpnYQbv9j1P+GZgaj+Z8ewHi0Ph/RoDgj0cjUrLg0l4Z2EMr/hgaG6PnfyHg0/9MFpBoYpZqYGpimpZmlWaSZJRqmGKYa
  mqekGJpYmBsZGZinGCSZGpkYmxgkp5iaGqamGJgYpaZYmpikJhunWRgbGYwWH0MblBclFhSkFtHUDkL538TMDKP+Nzcczf/0
  APLdHBAG89vr/l5HDETYPqw4c6xVWv9C64NVuUa+RhWc39epJOg0vpSf1GOw+XOInMP5B6x7OlYqeIiLtabMePm9eRK77h6B
  H59eLI58HWY6y8WF+eTP61I91xco+YQkPowp8NRI9j7o6Zac9+r2scrUzT031n3eX2v+9Z+D6NOf+7YzVF/RXi0lvv14yj9J
  +afz16k4/ws+8XnX3ZTK2U/Nd3Ckncj/vWJz/YfvP/13Cpyo5/rKt3H+Zva937SK+lf+MT5V9ySe56f4Jqd/wRX1tcrdl7Pz
  b+Xei37stPB9pGP3uVm7ONyDr+ze9OXWz4URNvETuz9M2Dx5+u7b/acXtjh/W7LWOFZ66/Evf+L7/v+fuQRouMzj+mt7Mg/d
  XTfLLqm//sn89Sqf5jO5/mOEBlXfLfWz4SLFDBoDFlmjYBSMglEwCkbBKBgFo2AUjIJRMApGwSgYBWQAAIOMNeUAKAAA
`;

/** A clone in git-buildpackage's layout, with a branch pristine-tar and without a tarball beside it; gives its path. */
export async function writePristineClone(directory: string): Promise<string> {
  const tiny = { name: "tiny-pristine", version: "1.0-1", format: "3.0 (quilt)" } as const;
  const clone = await writeTree(directory, tiny, { orig: false });
  const git = async (...words: readonly string[]) => {
    const who = ["-c", "user.name=A", "-c", "user.email=a@mirror.example"];
    return (await execa("git", ["-C", clone, ...who, "-c", "commit.gpgsign=false", ...words])).stdout;
  };
  await git("init", "--quiet", "--initial-branch=upstream");
  await git("add", "greeting.txt");
  await git("commit", "--quiet", "--message", "upstream");
  const tree = await git("rev-parse", "HEAD^{tree}");
  await git("switch", "--quiet", "--create", "debian/latest");
  await git("add", "debian");
  await git("commit", "--quiet", "--message", "packaging");
  const stem = join(clone, ".git/tiny-pristine_1.0.orig.tar.gz");
  await writeFile(`${stem}.delta`, Buffer.from(delta, "base64"));
  await writeFile(`${stem}.id`, `${tree}\n`);
  const lines = await Promise.all(
    ["delta", "id"].map(async (ending) => {
      const blob = await git("hash-object", "-w", "--", `${stem}.${ending}`);
      return `100644 blob ${blob}\ttiny-pristine_1.0.orig.tar.gz.${ending}\n`;
    }),
  );
  const { stdout } = await execa("git", ["-C", clone, "mktree"], { input: lines.join("") });
  await git("branch", "pristine-tar", await git("commit-tree", "-m", "pristine-tar data", stdout));
  return clone;
}
