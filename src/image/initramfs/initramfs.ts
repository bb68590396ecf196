import { createReadStream } from "node:fs";
import { z } from "zod";
import { type Digest, DigestText } from "../../base/digest.ts";
import type { Task } from "../../base/event.ts";
import type { Container } from "../../engine/engine.ts";
import type { Kiln } from "../../environment/kiln.ts";
import type { StoredFile } from "../root/take-file.ts";
import type { Tree } from "../tree/tree.ts";
import { putAccounts } from "./accounts.ts";
import { type Ingredients, choiceKey, hasIngredients, ingredientsOf } from "./inputs.ts";
import { type InitramfsOrder, makeInitramfs } from "./make.ts";
import { readInitramfs } from "./read.ts";

const Known = z.strictObject({
  digest: DigestText,
  sizeBytes: z.int().positive(),
  /** Digest of the blob that has its ingredients. */
  ingredients: DigestText,
});

const KnownIngredients = z.record(z.string(), DigestText);

/**
 * The initramfs for a root filesystem: one that was made of the same files, else a new one, for which `container` is asked
 * to be there. @throws Failure initramfs-failed, bad-initramfs (package).
 */
export async function initramfsFor(
  kiln: Kiln,
  tree: Tree,
  order: InitramfsOrder,
  container: () => Promise<Container>,
  task: Task,
): Promise<StoredFile> {
  const key = choiceKey(tree, order);
  const known = await recall(kiln, key, tree);
  if (known !== null) {
    task.note("the initramfs is made of the same files as before: it stays");
    return known;
  }
  const opened = await container();
  await putAccounts(opened, tree);
  const made = await makeInitramfs(kiln, opened, order, task);
  await remember(kiln, key, tree, made);
  return made;
}

async function recall(kiln: Kiln, key: Digest, tree: Tree): Promise<StoredFile | null> {
  const known = await kiln.store.recall("initramfs", key, Known);
  if (known === null || !(await kiln.store.hasBlob(known.digest, known.sizeBytes))) return null;
  const ingredients = await recallIngredients(kiln, known.ingredients);
  if (ingredients === null || !hasIngredients(tree, ingredients)) return null;
  await kiln.store.touchBlob(known.digest);
  return { digest: known.digest, sizeBytes: known.sizeBytes };
}

async function recallIngredients(kiln: Kiln, digest: Digest): Promise<Ingredients | null> {
  const bytes = await kiln.store.findBytes(digest);
  return bytes === null ? null : KnownIngredients.parse(JSON.parse(bytes.toString("utf8")));
}

async function remember(kiln: Kiln, key: Digest, tree: Tree, made: StoredFile): Promise<void> {
  const { members } = await readInitramfs(createReadStream(kiln.store.blobPath(made.digest)));
  const ingredients = await kiln.store.putBytes(JSON.stringify(ingredientsOf(tree, members.keys())));
  await kiln.store.remember("initramfs", key, { ...made, ingredients });
}
