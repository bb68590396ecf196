import type { Changes } from "./changes.ts";

const wizard = "usr/lib/systemd/system/systemd-firstboot.service";

/**
 * Keeps systemd's first-boot wizard from asking on the console what locale, keymap, time zone and root password are to be:
 * nobody answers on most hosts, and the boot would wait for ever. What credentials say (systemd-firstboot(1)) still counts.
 */
export function answerFirstBoot(changes: Changes): void {
  if (changes.get(wizard) === undefined) return;
  changes.file(`${wizard}.d/50-debkiln.conf`, dropIn);
  changes.note("written", `${wizard}.d/50-debkiln.conf`, "the first boot asks nothing on the console");
}

const dropIn = `# The first boot asks nothing on the console; credentials are still heeded.
[Service]
ExecStart=
ExecStart=systemd-firstboot
StandardInput=null
StandardOutput=journal
StandardError=journal
`;
