import { expect, test } from "vitest";
import { accountEntries } from "../../../../src/image/initramfs/accounts.ts";
import { file, symlink, treeOf } from "../tree/arbitrary-tree.ts";

test("an initramfs is made with the ids that accounts have in the image, and with nothing else of its /etc", async () => {
  const passwd = "systemd-network:x:850:850::/:/usr/sbin/nologin\n";
  const tree = treeOf([
    file("etc/passwd", passwd),
    file("etc/shadow", "root:!:1::::::\n", { mode: 0o640 }),
    symlink("etc/group", "../run/group"),
  ]);

  const entries = await accountEntries(tree);

  expect(entries).toMatchObject([{ path: "passwd", type: "file", mode: 0o644, uid: 0, size: passwd.length }]);
});
