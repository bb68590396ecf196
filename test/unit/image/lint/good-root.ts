import { cpioOf, type Members } from "../initramfs/cpio-fixture.ts";
import { type Piece, directory, file, passingRoot, symlink } from "./root.ts";

const prepareRoot = "[composefs]\nenabled=yes\n[sysroot]\nreadonly=true\n";

/** What an initramfs for the good root has, made with dracut's module `ostree`. */
export const goodInitramfs: Members = {
  init: { link: "usr/lib/systemd/systemd" },
  lib: { link: "usr/lib" },
  "usr/lib/modules/5.7.2/kernel/fs/erofs/erofs.ko.xz": "module",
  "usr/lib/ostree/ostree-prepare-root": "program",
  "usr/lib/ostree/prepare-root.conf": prepareRoot,
  "etc/systemd/system/initrd-root-fs.target.wants/ostree-prepare-root.service": {
    link: "/usr/lib/systemd/system/ostree-prepare-root.service",
  },
};

/** A Debian root that passes every lint. */
export const goodRoot: Readonly<Record<string, Piece>> = {
  ...passingRoot,
  bin: symlink("usr/bin"),
  lib: symlink("usr/lib"),
  home: symlink("var/home"),
  root: symlink("var/roothome"),
  srv: symlink("var/srv"),
  mnt: symlink("var/mnt"),
  media: symlink("run/media"),
  "usr/lib/modules/5.7.2/initramfs.img": cpioOf(goodInitramfs),
  "usr/lib/modules/5.7.2/modules.builtin": "kernel/fs/overlayfs/overlay.ko\n",
  "usr/lib/ostree/prepare-root.conf": prepareRoot,
  "usr/lib/bootc/kargs.d/10-console.toml": 'kargs = ["console=ttyS0"]\nmatch-architectures = ["x86_64"]\n',
  "usr/lib/bootc/install/00-debkiln.toml": '[install.filesystem.root]\ntype = "ext4"\n',
  "usr/lib/sysimage/dpkg/status":
    "Package: sudo\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.9\n\n" +
    "Package: libc6\nStatus: hold ok installed\nArchitecture: amd64\nVersion: 2.41\n\n" +
    "Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1\n",
  "usr/lib/sysimage/dpkg/info/sudo.list": "/.\n/usr\n/usr/bin\n/usr/bin/sudo\n",
  "usr/lib/sysimage/dpkg/info/libc6:amd64.list": "/.\n/lib/libc.so.6\n",
  "var/lib/dpkg": symlink("../../usr/lib/sysimage/dpkg"),
  "usr/lib/tmpfiles.d/image.conf": [
    "d /var/lib",
    "L+ /var/lib/dpkg - - - - ../../usr/lib/sysimage/dpkg",
    "d /var/home",
    "d /var/roothome 0700",
    "d /var/srv",
    "d /var/mnt",
  ].join("\n"),
  "usr/lib/sysusers.d/image.conf": "u root 0\nu messagebus 100\n",
  "etc/passwd": "root:x:0:0:root:/root:/bin/bash\nmessagebus:x:100:100::/nonexistent:/usr/sbin/nologin\n",
  "etc/group": "root:x:0:\nmessagebus:x:100:\n",
  "etc/shadow": "root:*:20000:0:99999:7:::\nmessagebus:!:20000::::::\n",
  "etc/machine-id": "uninitialized\n",
  "etc/resolv.conf": symlink("../run/systemd/resolve/stub-resolv.conf"),
  "etc/ssh/sshd_config": "PermitRootLogin no\n",
  "usr/bin/sudo": file("program", { mode: 0o4755 }),
  "usr/lib/x86_64-linux-gnu/utempter/utempter": file("program", { mode: 0o2755 }),
  "usr/local": directory({ mode: 0o2775 }),
};
