import type { Readable } from "node:stream";
import type Docker from "dockerode";
import { Failure } from "../base/failure.ts";
import { describeEngine, type Connection } from "./about.ts";
import { ContainerListAnswer, ImageAnswer, ImageListAnswer } from "./answers.ts";
import { apiFailure, statusOf } from "./api-failure.ts";
import { createFailure } from "./create-failure.ts";
import { containerRequest } from "./container-request.ts";
import { DockerContainer } from "./docker-container.ts";
import type {
  About,
  BuildImageOptions,
  Container,
  ContainerSpec,
  ContainerSummary,
  Engine,
  Image,
  ImportOptions,
  Volume,
} from "./engine.ts";
import { buildImage, loadArchive, pullImage } from "./image-streams.ts";
import { importImage } from "./import-image.ts";
import { limitsAllowed } from "./limits-allowed.ts";
import { imageOf } from "./image-answer.ts";
import { carries, labelFilter, splitReference } from "./quirks.ts";
import { type Removal, Removals } from "./removal.ts";
import type { Runtimes } from "./runtimes.ts";
import { ensureVolume, listVolumes, removeVolume } from "./volumes.ts";
import { readableOf } from "./wire.ts";

/** podman or docker through the Docker API. What differs between them is in quirks.ts. */
export class DockerApi implements Engine {
  readonly #docker: Docker;
  readonly #connection: Connection;
  /** Null where a removal must be waited for. */
  readonly #removals: Removals | null;
  readonly #runtimes: Runtimes;
  #about: Promise<About> | undefined;
  #limits: Promise<boolean> | undefined;

  constructor(docker: Docker, connection: Connection, runtimes: Runtimes) {
    this.#docker = docker;
    this.#runtimes = runtimes;
    this.#connection = connection;
    const { socketPath, outlivesUs } = connection;
    this.#removals = socketPath !== null && outlivesUs ? new Removals(socketPath) : null;
  }

  about(): Promise<About> {
    return (this.#about ??= describeEngine(this.#docker, this.#connection));
  }

  async pull(reference: string, options: Parameters<Engine["pull"]>[1]): Promise<Image> {
    await pullImage(this.#docker, reference, options);
    return this.#inspectImage(reference);
  }

  async image(reference: string): Promise<Image | null> {
    const answer = await this.#imageAnswer(reference);
    return answer === null ? null : imageOf(answer);
  }

  async images(labels: Readonly<Record<string, string>>): Promise<readonly Image[]> {
    const list = await this.#call("list images", () =>
      this.#docker.listImages({ filters: labelFilter(labels) }),
    );
    const ids = new Set(ImageListAnswer.parse(list).map(({ Id: id }) => id));
    const found = await Promise.all([...ids].map((id) => this.image(id)));
    // An image may be removed between the two calls.
    return found.filter((image) => image !== null).filter((image) => carries(image.labels, labels));
  }

  load(archive: Readable): Promise<readonly string[]> {
    return loadArchive(this.#docker, archive);
  }

  async save(reference: string): Promise<Readable> {
    const action = `save image ${reference}`;
    return readableOf(
      await this.#call(action, () => this.#docker.getImage(reference).get(), "image-save-failed"),
    );
  }

  async import(rootfs: Readable, reference: string, options: ImportOptions): Promise<Image> {
    await importImage(this.#docker, this.#connection.kind, rootfs, reference, options);
    return this.#inspectImage(reference);
  }

  async build(context: Readable, options: BuildImageOptions): Promise<Image> {
    await buildImage(this.#docker, context, options);
    return this.#inspectImage(options.reference);
  }

  async requireRuntime(name: string): Promise<void> {
    await this.#runtimes.client(name);
  }

  async create(spec: ContainerSpec): Promise<Container> {
    const [image, limits] = await Promise.all([this.#inspectImage(spec.image), this.#allowsLimits()]);
    requireArchitecture(image, spec);
    const request = containerRequest(spec, { kind: this.#connection.kind, limitsAllowed: limits });
    const docker =
      spec.runtime === undefined ? this.#docker : await this.#runtimes.clientOver(image.id, spec.runtime);
    const container = await docker.createContainer(request).catch((thrown: unknown) => {
      throw createFailure(thrown, `create container ${spec.name}`, spec);
    });
    try {
      await container.start();
    } catch (thrown) {
      await this.#remove(docker, container.id);
      throw createFailure(thrown, `start container ${spec.name}`, spec);
    }
    const home = {
      inspectImage: (reference: string) => this.#inspectImage(reference),
      remove: (id: string) => (docker === this.#docker ? this.beginRemoval(id) : this.#removal(docker, id)),
      countsOom: limits,
      filesInside: spec.runtime !== undefined,
    };
    return new DockerContainer(container, spec.name, home);
  }

  async containers(labels: Readonly<Record<string, string>>): Promise<readonly ContainerSummary[]> {
    const list = await this.#call("list containers", () =>
      this.#docker.listContainers({ all: true, filters: labelFilter(labels) }),
    );
    const found = ContainerListAnswer.parse(list).filter((each) => carries(each.Labels, labels));
    return found.map((each) => ({
      id: each.Id,
      name: (each.Names[0] ?? "").replace(/^\//, ""),
      labels: each.Labels,
      running: each.State === "running",
      created: new Date(each.Created * 1000),
    }));
  }

  async removeContainer(id: string): Promise<void> {
    await this.#remove(this.#docker, id);
  }

  /** A service that knows a container's runtime ends its processes; another one might only forget the container. */
  #removal(docker: Docker, id: string): Removal {
    const gone = this.#remove(docker, id);
    return { assured: gone, gone };
  }

  async #remove(docker: Docker, id: string): Promise<void> {
    try {
      await docker.getContainer(id).remove({ force: true, v: true });
    } catch (thrown) {
      // 404: gone; 409: somebody else is removing it at this moment.
      if ([404, 409].includes(statusOf(thrown) ?? 0)) return;
      if (!(await this.#hasContainer(id))) return;
      throw apiFailure(thrown, `remove container ${id}`);
    }
  }

  beginRemoval(id: string): Removal {
    const remove = () => this.removeContainer(id);
    if (this.#removals !== null) return this.#removals.begin(id, remove);
    return this.#removal(this.#docker, id);
  }

  async tag(image: string, reference: string): Promise<void> {
    const [repo, tag] = splitReference(reference);
    await this.#call(`tag ${image} as ${reference}`, () => this.#docker.getImage(image).tag({ repo, tag }));
  }

  async removeImage(reference: string): Promise<boolean> {
    try {
      await this.#docker.getImage(reference).remove({ force: false });
      return true;
    } catch (thrown) {
      if ([404, 409].includes(statusOf(thrown) ?? 0)) return false;
      throw apiFailure(thrown, `remove image ${reference}`);
    }
  }

  ensureVolume(name: string, labels: Readonly<Record<string, string>>): Promise<void> {
    return ensureVolume(this.#docker, name, labels);
  }

  volumes(labels: Readonly<Record<string, string>>): Promise<readonly Volume[]> {
    return listVolumes(this.#docker, labels);
  }

  removeVolume(name: string): Promise<boolean> {
    return removeVolume(this.#docker, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#removals?.leave();
    await this.#runtimes[Symbol.asyncDispose]();
    await this.#connection[Symbol.asyncDispose]();
  }

  #allowsLimits(): Promise<boolean> {
    return (this.#limits ??= limitsAllowed(this.#connection, () => this.about()));
  }

  async #hasContainer(id: string): Promise<boolean> {
    try {
      await this.#docker.getContainer(id).inspect();
      return true;
    } catch (thrown) {
      // podman answers 500 when it goes at that very moment.
      if (statusOf(thrown) === 404 || /no such container/.test(String(thrown))) return false;
      throw apiFailure(thrown, `inspect container ${id}`);
    }
  }

  async #imageAnswer(reference: string): Promise<ImageAnswer | null> {
    try {
      return ImageAnswer.parse(await this.#docker.getImage(reference).inspect());
    } catch (thrown) {
      if (statusOf(thrown) === 404) return null;
      throw apiFailure(thrown, `inspect image ${reference}`);
    }
  }

  async #inspectImage(reference: string): Promise<Image> {
    const image = await this.image(reference);
    if (image !== null) return image;
    throw new Failure("infrastructure", "image-missing", `The engine has no image ${reference}`, {
      hint: "`debkiln env list` shows the environments that are there; a build makes missing ones anew.",
      details: { reference },
    });
  }

  async #call<T>(action: string, call: () => Promise<T>, otherwise?: string): Promise<T> {
    try {
      return await call();
    } catch (thrown) {
      throw apiFailure(thrown, action, otherwise);
    }
  }
}

/** podman 4.3 starts an image of any architecture, whatever `platform` asks for (engines.md 10). */
function requireArchitecture(image: Image, spec: ContainerSpec): void {
  if (image.architecture === spec.architecture) return;
  throw new Failure(
    "infrastructure",
    "wrong-architecture",
    `Image ${spec.image} is for ${image.architecture}, not ${spec.architecture}`,
    {
      hint: `Remove it, so that it is made anew for ${spec.architecture}.`,
      details: { image: spec.image, is: image.architecture, wanted: spec.architecture },
    },
  );
}
