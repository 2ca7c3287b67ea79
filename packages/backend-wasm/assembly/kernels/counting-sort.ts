// countingSort: positions of N keys sorted by key, stable, and where each key's run starts. One tile. A
// key outside 0..bins−1 is reported in the block and left out. Bytes: keys twice, order and offsets once.

export function countingSort(p: usize, begin: i32, end: i32, scratch: usize): void {
  const keys = load<usize>(p), order = load<usize>(p, 4), offsets = load<usize>(p, 8);
  const n = load<i32>(p, 12), bins = load<u32>(p, 16);
  memory.fill(offsets, 0, <usize>(bins + 1) << 2);
  for (let i = 0; i < n; i++) {
    const key = load<u32>(keys + (<usize>i << 2));
    if (key >= bins) {
      store<i32>(p, 1, 24);
      store<u32>(p, key, 28);
      continue;
    }
    const bin = offsets + (<usize>key << 2);
    store<i32>(bin, load<i32>(bin) + 1);
  }
  let total = 0;
  for (let bin: usize = 0; bin <= <usize>bins; bin++) {
    const count = load<i32>(offsets + (bin << 2));
    store<i32>(offsets + (bin << 2), total);
    total += count;
  }
  // Placing moves each start to its run's end, which is the next run's start: shift back afterwards.
  for (let i = 0; i < n; i++) {
    const key = load<u32>(keys + (<usize>i << 2));
    if (key >= bins) continue;
    const bin = offsets + (<usize>key << 2);
    const to = load<i32>(bin);
    store<i32>(order + (<usize>to << 2), i);
    store<i32>(bin, to + 1);
  }
  memory.copy(offsets + 4, offsets, <usize>bins << 2);
  store<i32>(offsets, 0);
}
