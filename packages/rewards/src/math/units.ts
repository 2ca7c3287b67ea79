// Units: 5 km is 5000 m and not 5 m. A word that is no unit we know counts as a unit of its own, so that
// 5 apples are not 5 pears.

import type { UnitFactor } from "./ast.ts";
import { decimal, fraction, one, power, product, type Rational } from "./rational.ts";

interface Unit {
  readonly factor: Rational;
  readonly dimension: string;
  readonly power: number;
}

/** Dimension: unit names, the factor to the first one. A power stands behind the dimension. */
const definitions = `
length: m meter metre 1; km kilometer kilometre 1000; cm centimeter centimetre .01; mm millimeter millimetre .001; in inch inches .0254; ft foot feet .3048; yd yard .9144; mi mile 1609.344
mass: g gram 1; kg kilogram kilo 1000; mg milligram .001; ton tonne 1000000; lb pound 453.59237; oz ounce 28.349523125
time: s sec second 1; ms millisecond .001; min minute 60; h hr hour 3600; day 86400; week 604800
length3: L l liter litre .001; ml mL milliliter millilitre .000001; gal gallon .003785411784; quart .000946352946; pint .000473176473
length2: hectare ha 10000; acre 4046.8564224
angle: rad radian 1
amount: mol mole 1
speed: mph .44704
energy: J joule 1; kJ kilojoule 1000; cal calorie 4.184; kcal 4184
force: N newton 1
electricity: V volt 1
work: W watt 1; kW kilowatt 1000
pressure: Pa pascal 1; kPa 1000
frequency: Hz hertz 1
USD: $ dollar buck USD 1; ¢ cent .01; penny pennies .01
EUR: € euro EUR 1
GBP: £ GBP 1
JPY: ¥ yen JPY 1
INR: ₹ rupee 1
year: month mo 1; year yr 12; decade 120; century centuries 1200`;

const units: Map<string, Unit> = new Map();
for (const line of definitions.trim().split("\n")) {
  const [dimension = "", list = ""] = line.split(": ");
  const [, name = "", degree = "1"] = /^([A-Za-z]+)(\d?)$/.exec(dimension)!;
  for (const entry of list.split("; ")) {
    const words = entry.split(" ");
    const [whole = "", decimals = ""] = words.pop()!.split(".");
    for (const word of words) {
      const unit = {
        factor: decimal(whole, decimals),
        dimension: name,
        power: Number(degree || 1),
      };
      units.set(word, unit);
      if (word.length > 1 && word !== "ha") units.set(`${word}s`, unit);
    }
  }
}
for (const word of ["kmh", "kph"]) {
  units.set(word, { factor: fraction(1000n, 3600n)!, dimension: "speed", power: 1 });
}
for (const word of ["unit", "units"]) units.set(word, { factor: one, dimension: "", power: 0 });

/** Every word we know as a unit. */
export const unitWords: ReadonlySet<string> = new Set(units.keys());

/** Words that say nothing about a unit. */
const fillers = new Set(
  "a an the of about approximately exactly total in only each is are there will be all left more".split(
    " ",
  ),
);

export interface Measure {
  readonly factor: Rational;
  /** The power of each dimension, by its name, in order: "length^2". */
  readonly dimensions: string;
}

/** What a product of unit words measures. */
export function measureOf(factors: readonly UnitFactor[]): Measure {
  let factor = one;
  const powers = new Map<string, number>();
  const count = (dimension: string, times: number): void => {
    if (dimension) powers.set(dimension, (powers.get(dimension) ?? 0) + times);
  };
  for (const { word, power: times } of factors) {
    const unit = units.get(word) ?? units.get(word.toLowerCase());
    if (unit === undefined) {
      if (!fillers.has(word.toLowerCase())) count(`:${singular(word.toLowerCase())}`, times);
      continue;
    }
    factor = product(factor, power(unit.factor, BigInt(times))!);
    if (unit.dimension === "speed") {
      count("length", times);
      count("time", -times);
    } else count(unit.dimension, times * unit.power);
  }
  const dimensions = [...powers]
    .filter(([, times]) => times !== 0)
    .map(([dimension, times]) => `${dimension}^${times}`)
    .toSorted()
    .join(" ");
  return { factor, dimensions };
}

/** Good enough to compare a word with its plural. */
function singular(word: string): string {
  if (word.length > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (word.length > 4 && /(?:s|x|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return word.length > 2 && word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
}
