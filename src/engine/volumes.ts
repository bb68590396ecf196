import type Docker from "dockerode";
import { VolumeListAnswer } from "./answers.ts";
import { apiFailure, statusOf } from "./api-failure.ts";
import type { Volume } from "./engine.ts";
import { carries, labelFilter } from "./quirks.ts";

type Labels = Readonly<Record<string, string>>;

/** Makes a volume; one of that name that is there stays as it is. */
export async function ensureVolume(docker: Docker, name: string, labels: Labels): Promise<void> {
  try {
    await docker.createVolume({ Name: name, Labels: { ...labels } });
  } catch (thrown) {
    if (statusOf(thrown) !== 409) throw apiFailure(thrown, `make volume ${name}`);
  }
}

export async function listVolumes(docker: Docker, labels: Labels): Promise<readonly Volume[]> {
  try {
    const answer: unknown = await docker.listVolumes({ filters: labelFilter(labels) });
    return VolumeListAnswer.parse(answer)
      .Volumes.filter((each) => carries(each.Labels, labels))
      .map((each) => ({ name: each.Name, labels: each.Labels, created: new Date(each.CreatedAt) }));
  } catch (thrown) {
    throw apiFailure(thrown, "list volumes");
  }
}

/** Whether it is gone: both engines refuse with 409 what a container uses. */
export async function removeVolume(docker: Docker, name: string): Promise<boolean> {
  try {
    await docker.getVolume(name).remove();
    return true;
  } catch (thrown) {
    if (statusOf(thrown) === 404) return true;
    if (statusOf(thrown) === 409) return false;
    throw apiFailure(thrown, `remove volume ${name}`);
  }
}
