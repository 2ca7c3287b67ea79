// Functions that WGSL lacks or promises too little of: its exp may be off by dozens of units in the last
// place, its sin by 2^-11, and NaN and infinities are nobody's business. These keep the bounds of the
// scalar op table on every device. Polynomials as in Cephes and in backend-wasm's assembly/math.

interface Fn {
  readonly text: string;
  readonly needs?: readonly MathName[];
}

export type MathName =
  | "special"
  | "exps"
  | "expF"
  | "logF"
  | "trig"
  | "atanF"
  | "tanhF"
  | "erfF"
  | "sigmoidF"
  | "powF"
  | "remF"
  | "minF"
  | "maxF"
  | "signF"
  | "toI32"
  | "toU32";

const functions: { readonly [N in MathName]: Fn } = {
  // Constants would be folded, and WGSL forbids folding to them: they come from variables.
  special: {
    text: `
fn isNan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
fn nan() -> f32 { var bits = 0x7fc00000u; return bitcast<f32>(bits); }
fn infinity() -> f32 { var bits = 0x7f800000u; return bitcast<f32>(bits); }`,
  },
  // x = n·ln 2 + t, ln 2 in two parts of which n · the first is exact. `expWide` goes down to subnormals and up to
  // infinity by 2^n in two factors; where the result is a normal number `expNormal` does with one. Neither cares
  // for NaN.
  exps: {
    text: `
struct Exponent { p: f32, n: i32 }
fn exponentOf(x: f32) -> Exponent {
  let n = round(x * 1.44269504);
  var t = x - n * 0.693145751953125;
  t = t - n * 1.428606765330187e-6;
  var p = 8.28929059e-3 * t + 4.18978221e-2;
  p = p * t + 1.66676521e-1;
  p = p * t + 4.99991506e-1;
  p = p * t + 9.99999702e-1;
  p = p * t + 1.0;
  // n is whole: added to 1.5 · 2^23 it is the low bits. Conversions cost more, they clamp.
  return Exponent(p, bitcast<i32>(n + 12582912.0) - 0x4b400000);
}
fn expNormal(x: f32) -> f32 {
  let e = exponentOf(x);
  return e.p * bitcast<f32>((e.n + 127) << 23u);
}
fn expWide(x: f32) -> f32 {
  let e = exponentOf(x);
  let half = e.n >> 1u;
  let low = bitcast<f32>((half + 127) << 23u);
  let high = bitcast<f32>((e.n - half + 127) << 23u);
  return e.p * low * high;
}`,
  },
  expF: {
    needs: ["special", "exps"],
    text: `
fn expF(x: f32) -> f32 {
  return select(expWide(clamp(x, -104.0, 89.0)), x, isNan(x));
}`,
  },
  // x = m·2^e with m in [√½, √2). Subnormals, which a device may flush, are scaled by their bits.
  logF: {
    needs: ["special"],
    text: `
fn logF(x: f32) -> f32 {
  let xb = bitcast<u32>(x);
  let tiny = xb < 0x00800000u;
  let scaled = bitcast<i32>(select(xb, bitcast<u32>(f32(xb) * 1.1754943508222875e-38), tiny));
  let bits = scaled - 0x3f3504f3;
  var e = f32(bits >> 23u) - select(0.0, 23.0, tiny);
  let m = bitcast<f32>((bits & 0x007fffff) + 0x3f3504f3);
  let f = m - 1.0;
  let z = f * f;
  var p = 7.0376836292e-2 * f - 1.151461031e-1;
  p = p * f + 1.167699874e-1;
  p = p * f - 1.2420140846e-1;
  p = p * f + 1.4249322787e-1;
  p = p * f - 1.6668057665e-1;
  p = p * f + 2.0000714765e-1;
  p = p * f - 2.4999993993e-1;
  p = p * f + 3.3333331174e-1;
  p = p * f * z;
  p = p + e * -2.12194440e-4;
  p = p - z * 0.5;
  var y = f + p;
  y = y + e * 0.693359375;
  if (xb == 0x7f800000u) { y = x; }
  if (xb > 0x7f800000u) { y = nan(); }
  if ((xb & 0x7fffffffu) == 0u) { y = -infinity(); }
  return y;
}`,
  },
  // Reduction by π/2 with the bits of 2/π, exact at every size (Payne & Hanek 1983).
  trig: {
    needs: ["special"],
    text: `
fn mulHigh(a: u32, b: u32) -> u32 {
  let al = a & 0xffffu; let ah = a >> 16u; let bl = b & 0xffffu; let bh = b >> 16u;
  let mid = ah * bl + ((al * bl) >> 16u);
  let mid2 = al * bh + (mid & 0xffffu);
  return ah * bh + (mid >> 16u) + (mid2 >> 16u);
}
fn twoOverPi(i: i32) -> u32 {
  switch (i) {
    case 0: { return 0x28be60dbu; }
    case 1: { return 0x9391054au; }
    case 2: { return 0x7f09d5f4u; }
    case 3: { return 0x7d4d3770u; }
    case 4: { return 0x36d8a566u; }
    case 5: { return 0x4f10e410u; }
    default: { return 0u; }
  }
}
struct Reduced { r: f32, quadrant: u32 }
fn reduceAngle(x: f32) -> Reduced {
  let a = abs(x);
  if (a < 0.7853981) { return Reduced(x, 0u); }
  let bits = bitcast<u32>(x);
  let e = i32((bits >> 23u) & 255u) - 126;
  let m = (bits << 8u) | 0x80000000u;
  let i = e >> 5u;
  let s = u32(e) & 31u;
  var hi = twoOverPi(i - 1);
  var mid = twoOverPi(i);
  var lo = twoOverPi(i + 1);
  if (s != 0u) {
    hi = (hi << s) | (mid >> (32u - s));
    mid = (mid << s) | (lo >> (32u - s));
    lo = (lo << s) | (twoOverPi(i + 2) >> (32u - s));
  }
  let midLow = m * mid;
  let low = midLow + mulHigh(m, lo);
  var high = mulHigh(m, mid) + m * hi + select(0u, 1u, low < midLow);
  var rest = low;
  var quadrant = high >> 30u;
  high = high & 0x3fffffffu;
  let isUp = (high & 0x20000000u) != 0u;
  if (isUp) {
    quadrant = quadrant + 1u;
    high = high | 0xc0000000u;
    rest = ~rest + 1u;
    high = ~high + select(0u, 1u, rest == 0u);
  }
  // high:rest is |remainder| · 2^62 of a quarter turn.
  let shift = countLeadingZeros(high);
  var top = high;
  if (shift >= 32u) { top = rest; }
  else if (shift > 0u) { top = (high << shift) | (rest >> (32u - shift)); }
  let size = f32(top) * bitcast<f32>((127u - 30u - shift) << 23u) * 1.5707963267948966;
  let isNegative = (bits >> 31u) != 0u;
  if (isNegative) { quadrant = 0u - quadrant; }
  return Reduced(select(size, -size, isUp != isNegative), quadrant);
}
fn sine(x: f32, turn: u32) -> f32 {
  if ((bitcast<u32>(x) & 0x7fffffffu) >= 0x7f800000u) { return nan(); }
  let reduced = reduceAngle(x);
  let r = reduced.r;
  let quadrant = reduced.quadrant + turn;
  let z = r * r;
  var s = -1.9515295891e-4 * z + 8.3321608736e-3;
  s = s * z - 1.6666654611e-1;
  s = s * z * r + r;
  var c = 2.443315711809948e-5 * z - 1.388731625493765e-3;
  c = c * z + 4.166664568298827e-2;
  c = c * z * z + (1.0 - z * 0.5);
  let y = select(s, c, (quadrant & 1u) != 0u);
  return select(y, -y, (quadrant & 2u) != 0u);
}
fn sinF(x: f32) -> f32 { return sine(x, 0u); }
fn cosF(x: f32) -> f32 { return sine(x, 1u); }`,
  },
  atanF: {
    needs: ["special"],
    text: `
fn atanF(x: f32) -> f32 {
  let a = abs(x);
  var numerator = a;
  var denominator = 1.0;
  var base = 0.0;
  if (a > 2.414213562373095) { numerator = -1.0; denominator = a; base = 1.5707963267948966; }
  else if (a > 0.4142135623730950) { numerator = a - 1.0; denominator = a + 1.0; base = 0.7853981633974483; }
  let t = numerator / denominator;
  let z = t * t;
  var p = 8.05374449538e-2 * z - 1.38776856032e-1;
  p = p * z + 1.99777106478e-1;
  p = p * z - 3.33329491539e-1;
  p = p * z * t + t;
  let y = base + p;
  return select(select(y, -y, x < 0.0), x, isNan(x) || x == 0.0);
}`,
  },
  tanhF: {
    needs: ["special", "exps"],
    text: `
fn tanhF(x: f32) -> f32 {
  let a = abs(x);
  let large = 1.0 - 2.0 / (expNormal(min(a + a, 80.0)) + 1.0);
  let z = a * a;
  var p = -5.70498872745e-3 * z + 2.06390887954e-2;
  p = p * z - 5.37397155531e-2;
  p = p * z + 1.33314422036e-1;
  p = p * z - 3.33332819422e-1;
  p = p * z * a + a;
  let y = select(large, p, a < 0.625);
  return select(select(y, -y, x < 0.0), x, isNan(x));
}`,
  },
  // The logarithm of 1 − erf is no less than −18.
  erfF: {
    needs: ["special", "exps"],
    text: `
fn erfF(x: f32) -> f32 {
  let a = abs(x);
  let s = x * x;
  let t = min(a, 4.0);
  var r = -1.7285347e-5 * t + 3.83197126e-4;
  let u = -3.88396438e-3 * t + 2.42546219e-2;
  r = r * (t * t) + u;
  r = r * t - 1.06777877e-1;
  r = r * t - 6.34846687e-1;
  r = r * t - 1.28717512e-1;
  r = r * t - t;
  let large = 1.0 - expNormal(r);
  var p = -5.96761703e-4 * s + 4.99119423e-3;
  p = p * s - 2.67681349e-2;
  p = p * s + 1.12819925e-1;
  p = p * s - 3.76125336e-1;
  p = p * s + 1.28379166e-1;
  p = p * a + a;
  let y = select(p, large, a > 0.927734375);
  return select(select(y, -y, x < 0.0), x, isNan(x));
}`,
  },
  sigmoidF: {
    needs: ["special", "exps"],
    text: `
fn sigmoidF(x: f32) -> f32 {
  let z = expWide(max(-abs(x), -104.0));
  return select(select(1.0, z, x < 0.0) / (1.0 + z), x, isNan(x));
}`,
  },
  // 2^(y·log2|x|) with y·exponent kept apart: its whole part is exact, so only y·log2(mantissa) rounds.
  powF: {
    needs: ["special", "logF", "expF"],
    text: `
fn powF(x: f32, y: f32) -> f32 {
  let a = abs(x);
  let bits = bitcast<i32>(a) - 0x3f3504f3;
  let e = f32(bits >> 23u);
  let m = bitcast<f32>((bits & 0x007fffff) + 0x3f3504f3);
  let yHigh = bitcast<f32>(bitcast<u32>(y) & 0xfffff000u);
  let product = clamp(yHigh * e, -1e6, 1e6);
  let n = round(product);
  // Natural logarithms: expF wants them.
  let rest = (product - n) * 0.69314718 + ((y - yHigh) * e) * 0.69314718 + y * logF(m);
  let whole = round(clamp(rest * 1.44269504, -1e6, 1e6));
  let t = rest - whole * 0.693145751953125 - whole * 1.428606765330187e-6;
  let power = i32(clamp(n + whole, -300.0, 300.0));
  let third = power / 3;
  let f1 = bitcast<f32>((third + 127) << 23u);
  let f2 = bitcast<f32>((power - third - third + 127) << 23u);
  var r = expF(t) * f1 * f1 * f2;
  let isZero = a == 0.0;
  let isInfinite = bitcast<u32>(a) == 0x7f800000u;
  if (isZero || isInfinite) { r = select(0.0, infinity(), isZero != (y > 0.0)); }
  if ((bitcast<u32>(y) & 0x7fffffffu) == 0x7f800000u && !isZero && !isInfinite) {
    r = select(select(0.0, infinity(), (a > 1.0) == (y > 0.0)), nan(), a == 1.0);
  }
  let isWhole = round(y) == y;
  let isOdd = isWhole && round(y * 0.5) != y * 0.5;
  let isNegative = (bitcast<u32>(x) >> 31u) != 0u;
  if (isNegative && isOdd) { r = -r; }
  if (x < 0.0 && !isInfinite && !isWhole) { r = nan(); }
  if (isNan(x) || isNan(y)) { r = nan(); }
  if (x == 1.0 || y == 0.0) { r = 1.0; }
  return r;
}`,
  },
  // Exact, as C's fmod: a long division of the mantissas, one bit a step.
  remF: {
    needs: ["special"],
    text: `
fn remF(x: f32, y: f32) -> f32 {
  let xb = bitcast<u32>(x) & 0x7fffffffu;
  let yb = bitcast<u32>(y) & 0x7fffffffu;
  if (xb >= 0x7f800000u || yb > 0x7f800000u || yb == 0u) { return nan(); }
  if (xb < yb) { return x; }
  var ex = i32(xb >> 23u);
  var ey = i32(yb >> 23u);
  var mx = xb & 0x007fffffu;
  var my = yb & 0x007fffffu;
  if (ex == 0) { let s = countLeadingZeros(mx) - 8u; ex = 1 - i32(s); mx = mx << s; } else { mx = mx | 0x00800000u; }
  if (ey == 0) { let s = countLeadingZeros(my) - 8u; ey = 1 - i32(s); my = my << s; } else { my = my | 0x00800000u; }
  while (ex > ey) {
    if (mx >= my) { mx = mx - my; }
    mx = mx << 1u;
    ex = ex - 1;
  }
  if (mx >= my) { mx = mx - my; }
  if (mx == 0u) { return select(0.0, -0.0, x < 0.0); }
  let s = countLeadingZeros(mx) - 8u;
  mx = mx << s;
  ex = ex - i32(s);
  var bits = 0u;
  if (ex > 0) { bits = (mx & 0x007fffffu) | (u32(ex) << 23u); } else { bits = mx >> u32(1 - ex); }
  return bitcast<f32>(bits | (bitcast<u32>(x) & 0x80000000u));
}`,
  },
  minF: {
    needs: ["special"],
    text: `fn minF(a: f32, b: f32) -> f32 { return select(min(a, b), nan(), isNan(a) || isNan(b)); }`,
  },
  maxF: {
    needs: ["special"],
    text: `fn maxF(a: f32, b: f32) -> f32 { return select(max(a, b), nan(), isNan(a) || isNan(b)); }`,
  },
  signF: {
    text: `fn signF(x: f32) -> f32 { return select(select(x, -1.0, x < 0.0), 1.0, x > 0.0); }`,
  },
  toI32: {
    needs: ["special"],
    text: `
fn toI32(x: f32) -> i32 {
  if (isNan(x)) { return 0; }
  if (x >= 2147483648.0) { return 2147483647; }
  if (x < -2147483648.0) { return i32(-2147483647) - 1; }
  return i32(x);
}`,
  },
  toU32: {
    needs: ["special"],
    text: `
fn toU32(x: f32) -> u32 {
  if (isNan(x) || x <= 0.0) { return 0u; }
  if (x >= 4294967296.0) { return 4294967295u; }
  return u32(x);
}`,
  },
};

/** The text of functions and of what they need, each once. */
export function mathText(names: Iterable<MathName>): string {
  const seen = new Set<MathName>();
  const texts: string[] = [];
  const add = (name: MathName): void => {
    if (seen.has(name)) return;
    seen.add(name);
    functions[name].needs?.forEach(add);
    texts.push(functions[name].text.trim());
  };
  for (const name of names) add(name);
  return texts.join("\n");
}
