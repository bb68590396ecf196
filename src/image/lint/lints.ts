import { apiBaseDirectories } from "./bootc/api-base-directories.ts";
import { baseImageComposefs } from "./bootc/baseimage-composefs.ts";
import { baseImageRoot } from "./bootc/baseimage-root.ts";
import { bootcKargs } from "./bootc/bootc-kargs.ts";
import { buildahInjected } from "./bootc/buildah-injected.ts";
import { etcUsrEtc } from "./bootc/etc-usretc.ts";
import { kernel } from "./bootc/kernel.ts";
import { nonemptyBoot } from "./bootc/nonempty-boot.ts";
import { nonemptyRunTmp } from "./bootc/nonempty-run-tmp.ts";
import { sysusers } from "./bootc/sysusers.ts";
import { utf8 } from "./bootc/utf8.ts";
import { varLog } from "./bootc/var-log.ts";
import { varRun } from "./bootc/var-run.ts";
import { varTmpfiles } from "./bootc/var-tmpfiles.ts";
import { bootableLabel } from "./debkiln/bootable-label.ts";
import { boundImages } from "./debkiln/bound-images.ts";
import { buildLeftovers } from "./debkiln/build-leftovers.ts";
import { dpkgDatabaseReadable } from "./debkiln/dpkg-database.ts";
import { dpkgLocation } from "./debkiln/dpkg-location.ts";
import { emptyPasswords } from "./debkiln/empty-passwords.ts";
import { fileCapabilities } from "./debkiln/file-capabilities.ts";
import { homeLinks } from "./debkiln/home-links.ts";
import { hostname } from "./debkiln/hostname.ts";
import { initramfs } from "./debkiln/initramfs.ts";
import { installConfig } from "./debkiln/install-config.ts";
import { kargsArchitectures } from "./debkiln/kargs-architectures.ts";
import { machineId } from "./debkiln/machine-id.ts";
import { nestedStorage } from "./debkiln/nested-storage.ts";
import { nonemptyApi } from "./debkiln/nonempty-api.ts";
import { oneKernel } from "./debkiln/one-kernel.ts";
import { resolvConf } from "./debkiln/resolv-conf.ts";
import { selinuxLabels } from "./debkiln/selinux-labels.ts";
import { setId } from "./debkiln/set-id.ts";
import { specialFiles } from "./debkiln/special-files.ts";
import { sshHostKeys } from "./debkiln/ssh-host-keys.ts";
import { unifiedKernel } from "./debkiln/unified-kernel.ts";
import { whiteouts } from "./debkiln/whiteouts.ts";
import type { Lint } from "./lint.ts";

/** Every lint, sorted by name: those of `bootc container lint` 1.16.9, and debkiln's own. */
export const lints: readonly Lint[] = [
  apiBaseDirectories,
  baseImageComposefs,
  baseImageRoot,
  bootcKargs,
  buildahInjected,
  etcUsrEtc,
  kernel,
  nonemptyBoot,
  nonemptyRunTmp,
  sysusers,
  utf8,
  varLog,
  varRun,
  varTmpfiles,
  bootableLabel,
  boundImages,
  buildLeftovers,
  dpkgDatabaseReadable,
  dpkgLocation,
  emptyPasswords,
  fileCapabilities,
  homeLinks,
  hostname,
  initramfs,
  installConfig,
  kargsArchitectures,
  machineId,
  nestedStorage,
  nonemptyApi,
  oneKernel,
  resolvConf,
  selinuxLabels,
  setId,
  specialFiles,
  sshHostKeys,
  unifiedKernel,
  whiteouts,
].toSorted((a, b) => (a.name < b.name ? -1 : 1));
