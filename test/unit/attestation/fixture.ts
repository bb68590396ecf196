import { digestOf } from "../../../src/base/digest.ts";
import type { BuildRecord, NamedFile } from "../../../src/attestation/build-record.ts";
import type { Lock, LockedPackage } from "../../../src/environment/lock.ts";

export function locked(name: string, version: string, architecture = "amd64"): LockedPackage {
  return {
    name,
    version,
    architecture,
    sha256: digestOf(`${name} ${version} ${architecture}`),
    sizeBytes: 1,
    uri: `http://mirror.example/debian/pool/${name}_${architecture}.deb`,
  };
}

export const lock: Lock = {
  schemaVersion: 1,
  suite: "trixie",
  architecture: "amd64",
  base: digestOf("base"),
  packages: [locked("g++", "4:14.2.0-1"), locked("libc6", "2.41-12"), locked("libc6", "2.41-12", "i386")],
  releases: [
    { uri: "http://user:secret@mirror.example/debian/dists/trixie/InRelease", digest: digestOf("r") },
  ],
};

export function file(name: string): NamedFile {
  return { name, sha256: digestOf(name) };
}

export const build: BuildRecord = {
  source: {
    name: "hello",
    version: "1:2.10-3",
    files: [file("hello_2.10-3.dsc"), file("hello_2.10.orig.tar.gz"), file("hello_2.10-3.debian.tar.xz")],
  },
  lock,
  artifacts: [
    file("hello_2.10-3_amd64.deb"),
    file("hello-data_7.0+b1_all.deb"),
    file("hello_2.10-3_amd64.changes"),
  ],
};
