const primes = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1] as const;
const stripe = 16;

/** xxHash's XXH32 of some bytes (the xxHash specification, "XXH32 algorithm"): of a few, such as names. */
export function xxhash32(bytes: Buffer, seed: number): number {
  const [first, second, third, fourth, fifth] = primes;
  let at = 0;
  let sum = (seed + fifth) | 0;
  if (bytes.length >= stripe) {
    const lanes = [seed + first + second, seed + second, seed, seed - first].map((lane) => lane | 0);
    for (; at + stripe <= bytes.length; at += stripe) {
      for (const [lane, value] of lanes.entries()) {
        const taken = value + Math.imul(bytes.readUInt32LE(at + 4 * lane), second);
        lanes[lane] = Math.imul(rotate(taken, 13), first);
      }
    }
    sum = lanes.reduce((all, lane, number) => (all + rotate(lane, [1, 7, 12, 18][number] ?? 0)) | 0, 0);
  }
  sum = (sum + bytes.length) | 0;
  for (; at + 4 <= bytes.length; at += 4)
    sum = Math.imul(rotate(sum + Math.imul(bytes.readUInt32LE(at), third), 17), fourth);
  for (; at < bytes.length; at++)
    sum = Math.imul(rotate(sum + Math.imul(bytes.readUInt8(at), fifth), 11), first);
  sum = Math.imul(sum ^ (sum >>> 15), second);
  sum = Math.imul(sum ^ (sum >>> 13), third);
  return (sum ^ (sum >>> 16)) >>> 0;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
