import { type PaxRecords, readPax } from "./pax.ts";
import { textOf } from "./raw-text.ts";
import type { TarBlock, TarRecord } from "./tar-header.ts";
import { malformedTar } from "./tar-malformed.ts";

/** Whether a type flag is of a header that says more of the member after it: PAX (x, g), GNU's long names (L, K). */
export function isExtension(flag: string): boolean {
  return flag !== "" && "xgLK".includes(flag);
}

/** Extended headers as they come, until the member they belong to takes them. Global ones stay. */
export class TarExtensions {
  private global: PaxRecords = new Map();
  private records: PaxRecords = new Map();
  private longName: string | null = null;
  private longTarget: string | null = null;
  private pending = false;

  /** An extended header's size. It is kept in memory, so that it has bounds. */
  checkedSize({ sizeBytes }: TarBlock): number {
    if (sizeBytes > largestExtension || sizeBytes < 0)
      throw malformedTar("it has an extended header of absurd size");
    return sizeBytes;
  }

  add(flag: string, content: Buffer): void {
    if (flag === "g") {
      this.global = checkedPax(new Map([...this.global, ...readPax(content)]));
      return;
    }
    this.pending = true;
    if (flag === "x") this.records = checkedPax(readPax(content));
    else if (flag === "L") this.longName = textOf(withoutNul(content));
    else this.longTarget = textOf(withoutNul(content));
  }

  /** The member's own header with all that was said of it before. */
  apply(block: TarBlock): TarRecord {
    const pax = new Map([...this.global, ...this.records].filter(([, value]) => value.length > 0));
    const path = textValue(pax, "path") ?? this.longName ?? block.path;
    const record = {
      path,
      type: typeOf(block.flag, path),
      mode: block.mode,
      uid: wholeNumber(pax, "uid") ?? block.uid,
      gid: wholeNumber(pax, "gid") ?? block.gid,
      mtime: seconds(pax) ?? block.mtime,
      sizeBytes: wholeNumber(pax, "size") ?? block.sizeBytes,
      linkTarget: textValue(pax, "linkpath") ?? this.longTarget ?? block.linkTarget,
      xattrs: xattrsOf(pax),
    };
    this.records = new Map();
    this.longName = this.longTarget = null;
    this.pending = false;
    return checked(record);
  }

  /** Whether a header promised a member that has not come. */
  get isPending(): boolean {
    return this.pending;
  }
}

const largestExtension = 1 << 20;

const types: Readonly<Record<string, TarRecord["type"]>> = {
  "\0": "file",
  "0": "file",
  "7": "file",
  "1": "link",
  "2": "symlink",
  "3": "character-device",
  "4": "block-device",
  "5": "directory",
  "6": "fifo",
};

function typeOf(flag: string, path: string): TarRecord["type"] {
  if (flag === "S") throw malformedTar(`it has a sparse file, ${path}`);
  const type = Object.hasOwn(types, flag) ? types[flag] : undefined;
  if (type === undefined)
    throw malformedTar(`it has a member of the unknown type ${JSON.stringify(flag)}, ${path}`);
  // As in tars from before POSIX had directories.
  return type === "file" && path.endsWith("/") ? "directory" : type;
}

function checked(record: TarRecord): TarRecord {
  const { path, type, sizeBytes, linkTarget, uid, gid } = record;
  if (path === "" || path.includes("\0")) throw malformedTar("it has a member without a name");
  if (sizeBytes < 0 || uid < 0 || gid < 0) throw malformedTar(`it has a negative number for ${path}`);
  if (type !== "file" && sizeBytes > 0) throw malformedTar(`it has content for ${path}, which is no file`);
  const isLink = type === "link" || type === "symlink";
  if (isLink && (linkTarget === "" || linkTarget.includes("\0")))
    throw malformedTar(`it has a link that leads nowhere, ${path}`);
  return isLink ? record : { ...record, linkTarget: "" };
}

function checkedPax(records: PaxRecords): PaxRecords {
  const sparse = [...records.keys()].find(
    (key) => key.startsWith("GNU.sparse.") || key === "SCHILY.realsize",
  );
  if (sparse !== undefined) throw malformedTar(`it has a sparse file (${sparse})`);
  return records;
}

/** GNU tar ends long names with a NUL. */
function withoutNul(content: Buffer): Buffer {
  return content.at(-1) === 0 ? content.subarray(0, -1) : content;
}

function textValue(pax: PaxRecords, keyword: string): string | null {
  const value = pax.get(keyword);
  return value === undefined ? null : textOf(value);
}

function wholeNumber(pax: PaxRecords, keyword: string): number | null {
  const text = textValue(pax, keyword);
  if (text !== null && !/^\d{1,15}$/.test(text))
    throw malformedTar(`its PAX record of ${keyword} is no number`);
  return text === null ? null : Number(text);
}

function seconds(pax: PaxRecords): number | null {
  const text = textValue(pax, "mtime");
  if (text !== null && !/^-?\d{1,15}(\.\d{0,15})?$/.test(text))
    throw malformedTar("its PAX record of mtime is no time");
  return text === null ? null : Number(text);
}

/** SCHILY's records hold the value as it is (star(5), GNU tar), LIBARCHIVE's name and value encoded (libarchive, tar(5)). */
function xattrsOf(pax: PaxRecords): Readonly<Record<string, Uint8Array>> {
  const pairs: [string, Uint8Array][] = [];
  for (const [keyword, value] of pax) {
    if (keyword.startsWith(libarchive)) {
      pairs.push([
        percentDecoded(keyword.slice(libarchive.length)),
        Buffer.from(value.toString("latin1"), "base64"),
      ]);
    }
  }
  for (const [keyword, value] of pax) {
    if (keyword.startsWith(schily)) pairs.push([percentDecoded(keyword.slice(schily.length)), value]);
  }
  return Object.fromEntries(pairs);
}

export const schily = "SCHILY.xattr.";
const libarchive = "LIBARCHIVE.xattr.";

/** GNU tar writes `=` and `%` in names as percent and two digits, libarchive other characters too. */
function percentDecoded(name: string): string {
  return name.replace(/(?:%[0-9A-Fa-f]{2})+/g, (codes) =>
    textOf(Buffer.from(codes.replaceAll("%", ""), "hex")),
  );
}
