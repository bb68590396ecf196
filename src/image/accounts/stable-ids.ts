/** Ids that images hand out: Debian's range of system accounts (Policy 9.2.2), without the statically assigned ones. */
export const systemIds = { first: 100, last: 999 } as const;

/**
 * An id for each name, which depends on the names alone and not on the order in which packages made the accounts: files of
 * one image's /usr fit the accounts of the next. A name has the same number as user and as group. What is `taken` is
 * handed out to nobody.
 */
export function stableIds(names: Iterable<string>, taken: ReadonlySet<number>): ReadonlyMap<string, number> {
  const ids = new Map<string, number>();
  const used = new Set(taken);
  for (const name of [...new Set(names)].toSorted(compareCodeUnits)) {
    const id = free(wellKnown.get(name) ?? hashed(name), used);
    ids.set(name, id);
    used.add(id);
  }
  return ids;
}

/** Accounts that many images have, so that a hash's chance does not push them about: their numbers lie where no hash leads. */
const wellKnown: ReadonlyMap<string, number> = new Map(
  `
  messagebus systemd-network systemd-resolve systemd-timesync systemd-journal systemd-coredump
  systemd-oom input sgx clock kvm render sshd _ssh polkitd dhcpcd _chrony tss avahi rtkit colord
  geoclue gdm Debian-gdm sddm lightdm pulse saned scanner lpadmin usbmux fwupd-refresh dnsmasq
  netdev bluetooth crontab landscape pollinate postfix postdrop postgres mysql redis ntpsec uuidd
  plocate mlocate systemd-journal-remote nm-openconnect nm-openvpn gnome-initial-setup
  gnome-remote-desktop cups-pk-helper speech-dispatcher hplip wireshark libvirt libvirt-qemu docker
  podman tcpdump flatpak ssl-cert sambashare rdma
`
    .trim()
    .split(/\s+/)
    .map((name, index) => [name, systemIds.first + 1 + index]),
);

const firstHashed = 250;

function hashed(name: string): number {
  // FNV-1a of 32 bits.
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return firstHashed + (hash % (systemIds.last - firstHashed + 1));
}

function free(wanted: number, used: ReadonlySet<number>): number {
  const { first, last } = systemIds;
  let id = wanted;
  while (used.has(id)) id = id === last ? first : id + 1;
  return id;
}

function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
