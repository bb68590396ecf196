/**
 * Programs that Debian's packages ship set-uid or set-gid, or to which their maintainer scripts give capabilities (lintian's
 * tag elevated-privileges, and the packages themselves). `*` stands for one part of a path, such as the multiarch one.
 */
const setId = [
  "usr/bin/at",
  "usr/bin/bsd-write",
  "usr/bin/chage",
  "usr/bin/chfn",
  "usr/bin/chsh",
  "usr/bin/crontab",
  "usr/bin/doas",
  "usr/bin/dotlockfile",
  "usr/bin/expiry",
  "usr/bin/firejail",
  "usr/bin/fusermount",
  "usr/bin/fusermount3",
  "usr/bin/gpasswd",
  "usr/bin/locate",
  "usr/bin/lockfile",
  "usr/bin/mail-lock",
  "usr/bin/mail-touchlock",
  "usr/bin/mail-unlock",
  "usr/bin/mlocate",
  "usr/bin/mount",
  "usr/bin/msmtp",
  "usr/bin/mutt_dotlock",
  "usr/bin/newgidmap",
  "usr/bin/newgrp",
  "usr/bin/newuidmap",
  "usr/bin/ntfs-3g",
  "usr/bin/nvidia-modprobe",
  "usr/bin/passwd",
  "usr/bin/pkexec",
  "usr/bin/plocate",
  "usr/bin/pmount",
  "usr/bin/procmail",
  "usr/bin/pumount",
  "usr/bin/screen",
  "usr/bin/ssh-agent",
  "usr/bin/su",
  "usr/bin/sudo",
  "usr/bin/umount",
  "usr/bin/vmware-user-suid-wrapper",
  "usr/bin/wall",
  "usr/bin/write.ul",
  "usr/games/*",
  "usr/lib/*/lxc/lxc-user-nic",
  "usr/lib/*/utempter/utempter",
  "usr/lib/apache2/suexec-custom",
  "usr/lib/apache2/suexec-pristine",
  "usr/lib/chromium/chrome-sandbox",
  "usr/lib/dbus-1.0/dbus-daemon-launch-helper",
  "usr/lib/mc/cons.saver",
  "usr/lib/nagios/plugins/check_dhcp",
  "usr/lib/nagios/plugins/check_icmp",
  "usr/lib/openssh/ssh-keysign",
  "usr/lib/polkit-1/polkit-agent-helper-1",
  "usr/lib/snapd/snap-confine",
  "usr/lib/xorg/Xorg.wrap",
  "usr/libexec/camel-lock-helper-1.2",
  "usr/libexec/lxc/lxc-user-nic",
  "usr/libexec/polkit-agent-helper-1",
  "usr/libexec/spice-client-glib-usb-acl-helper",
  "usr/sbin/exim4",
  "usr/sbin/mount.cifs",
  "usr/sbin/mount.davfs",
  "usr/sbin/mount.ecryptfs_private",
  "usr/sbin/mount.nfs",
  "usr/sbin/postdrop",
  "usr/sbin/postqueue",
  "usr/sbin/pppd",
  "usr/sbin/unix_chkpwd",
];

const capabilities = [
  "usr/bin/arping",
  "usr/bin/clockdiff",
  "usr/bin/dumpcap",
  "usr/bin/fping",
  "usr/bin/gnome-keyring-daemon",
  "usr/bin/kwin_wayland",
  "usr/bin/mtr-packet",
  "usr/bin/ping",
  "usr/bin/traceroute6.iputils",
  "usr/lib/*/gstreamer1.0/gstreamer-1.0/gst-ptp-helper",
  "usr/lib/*/libexec/ksysguard/ksgrd_network_helper",
  "usr/libexec/ksysguard/ksgrd_network_helper",
];

/** Whether Debian is known to give this program a set-id bit. */
export const isKnownSetId = matcherOf(setId);

/** Whether Debian is known to give this program capabilities. */
export const isKnownCapable = matcherOf(capabilities);

function matcherOf(patterns: readonly string[]): (path: string) => boolean {
  const parts = patterns.map((pattern) => pattern.replace(/[.+]/g, String.raw`\$&`).replaceAll("*", "[^/]+"));
  const form = new RegExp(`^(?:${parts.join("|")})$`);
  return (path) => form.test(path);
}
