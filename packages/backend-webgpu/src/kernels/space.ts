// The iteration space of a launch: its axes, merged where every view walks them as one, and the WGSL
// that finds a thread's coordinates and addresses in it. Sizes and strides are parameters of the launch;
// only the number of axes, and which views are plain, is part of the shader.

export interface Space {
  readonly dims: readonly number[];
  /** Of each view, as long as `dims`. */
  readonly strides: readonly (readonly number[])[];
  /** Axes before it are kept, the others reduced. */
  readonly barrier: number;
}

/** Aligned to the right; missing leading axes repeat. */
function padded(strides: readonly number[], rank: number): number[] {
  return [...Array.from({ length: rank - strides.length }, () => 0), ...strides];
}

/** The axes as they are. */
export function plainSpace(
  shape: readonly number[],
  views: readonly (readonly number[])[],
  barrier: number = shape.length,
): Space {
  const strides = views.map((view) => padded(view, shape.length));
  return { dims: shape, strides, barrier };
}

/** Drops axes of size 1 and merges neighbours on the same side of `barrier`. */
export function mergedSpace(
  shape: readonly number[],
  views: readonly (readonly number[])[],
  barrier: number = shape.length,
): Space {
  const sources = views.map((view) => padded(view, shape.length));
  const dims: number[] = [];
  const strides = sources.map((): number[] => []);
  let kept = 0;
  let open = false;
  shape.forEach((dim, axis) => {
    if (axis === barrier) open = false;
    if (dim === 1) return;
    const last = dims.length - 1;
    const joins = open && sources.every((s, v) => strides[v]![last] === s[axis]! * dim);
    if (joins) {
      dims[last]! *= dim;
      sources.forEach((s, v) => (strides[v]![last] = s[axis]!));
    } else {
      dims.push(dim);
      sources.forEach((s, v) => strides[v]!.push(s[axis]!));
    }
    open = true;
    if (axis < barrier) kept = dims.length;
  });
  return { dims, strides, barrier: kept };
}

/** How a view is walked: "c" is the flat index, "b" one element, "s" anything else. */
export function patternOf({ dims }: Space, strides: readonly number[]): "c" | "b" | "s" {
  if (strides.every((stride, axis) => stride === 0 || dims[axis] === 1)) return "b";
  let expected = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    if (dims[axis] !== 1 && strides[axis] !== expected) return "s";
    expected *= dims[axis]!;
  }
  return "c";
}

/** `let c0…` for axes `from` to `to` out of the flat index `index`. */
export function coordinateLines(index: string, from: number, to: number): string {
  if (to <= from) return "";
  if (to - from === 1) return `  let c${from} = ${index};\n`;
  let lines = `  var rest${from} = ${index};\n`;
  for (let axis = to - 1; axis > from; axis--) {
    lines += `  let c${axis} = rest${from} % P.d${axis}; rest${from} = rest${from} / P.d${axis};\n`;
  }
  return `${lines}  let c${from} = rest${from};\n`;
}

/** The address of view `v` from coordinates `from` to `to`; `base`: where it starts. */
export function addressText(v: number, base: string, from: number, to: number): string {
  let text = base;
  for (let axis = from; axis < to; axis++) text += ` + i32(c${axis}) * P.t${v}_${axis}`;
  return text;
}

export function dimParams(rank: number): string[] {
  return Array.from({ length: rank }, (_, axis) => `d${axis}:u32`);
}

export function strideParams(view: number, rank: number): string[] {
  return Array.from({ length: rank }, (_, axis) => `t${view}_${axis}:i32`);
}
