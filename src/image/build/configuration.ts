import { architecture as debianArchitecture } from "../../debian/architecture.ts";
import type { ImageConfig } from "../../oci/image-spec.ts";
import type { ImagePlan } from "../plan.ts";

/** An image's configuration but for its layers: what it runs on and as (image-spec, config.md). `epoch` is in seconds. */
export function configurationOf(
  { architecture, labels }: ImagePlan,
  epoch: number,
): Pick<ImageConfig, "created" | "architecture" | "os" | "variant" | "config"> {
  const { oci } = debianArchitecture(architecture);
  return {
    created: new Date(epoch * 1000).toISOString(),
    architecture: oci.architecture,
    os: "linux",
    ...(oci.variant === undefined ? {} : { variant: oci.variant }),
    config: {
      Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
      Cmd: ["/sbin/init"],
      Labels: labels,
      // What systemd takes as the order to shut down.
      StopSignal: "SIGRTMIN+3",
    },
  };
}
