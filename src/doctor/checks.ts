import { binfmt } from "./checks/binfmt.ts";
import { cgroups } from "./checks/cgroups.ts";
import type { Check } from "./checks/check.ts";
import { clock } from "./checks/clock.ts";
import { openDevices } from "./checks/devices.ts";
import { diskSpace } from "./checks/disk.ts";
import { dockerPermission, engineInstalled, podmanVersion } from "./checks/engines.ts";
import {
  bootstrapTool,
  containerRuntime,
  idMaps,
  networkBackend,
  rootlessNetwork,
} from "./checks/packages.ts";
import { runtimeDirectory } from "./checks/runtime-directory.ts";
import { sharedRoot } from "./checks/shared-root.ts";
import { storageDriver } from "./checks/storage-driver.ts";
import { subordinateIds } from "./checks/subordinate-ids.ts";
import { ulimits } from "./checks/ulimits.ts";
import { userNamespaces } from "./checks/user-namespaces.ts";

/** Everything that is looked at, in the order in which it is shown and mended: what others need comes first. */
export const checks: Readonly<Record<string, Check>> = {
  clock,
  "disk-space": diskSpace,
  engine: engineInstalled,
  "podman-version": podmanVersion,
  "container-runtime": containerRuntime,
  "network-backend": networkBackend,
  cgroups,
  ulimits,
  "shared-root": sharedRoot,
  devices: openDevices,
  "storage-driver": storageDriver,
  "user-namespaces": userNamespaces,
  "id-maps": idMaps,
  "subordinate-ids": subordinateIds,
  "runtime-directory": runtimeDirectory,
  "rootless-network": rootlessNetwork,
  "docker-permission": dockerPermission,
  "bootstrap-tool": bootstrapTool,
  binfmt,
};
