// Launches that bind more buffers than a shader may have (8 are guaranteed, SwiftShader has 10): a map is
// run an output at a time, and what still reads too many inputs has a part of its expression computed
// into a temporary first. The other kernels bind at most 6.

import {
  castExpr,
  indexExpr,
  leafExpr,
  opExpr,
  scalarExpr,
  toProgram,
  type Binding,
  type Expr,
  type Launch,
  type LaunchOf,
  type Program,
} from "@sixtyone/tensor/backend";
import { temporaryView, type Context } from "./context.ts";
import { mapViews } from "./map.ts";

type Node = Expr<Binding>;

/** Calls `run` with launches that do the same and bind at most `limit` buffers. */
export function withinLimit(
  launch: Launch,
  context: Context,
  limit: number,
  run: (launch: Launch) => void,
): void {
  const isExpression = launch.kernel === "map" || launch.kernel === "reduce";
  if (!isExpression || launch.inputs.length + launch.outputs.length <= limit) {
    run(launch);
    return;
  }
  const { shape } = launch.params;
  const roots = toExprs(launch);
  launch.outputs.forEach((output, i) => {
    const { dtype } = launch.params.program.outputs[i]!;
    const root = cut(roots[i]!, limit - 1, (part) => store(context, part, shape));
    const { program, leaves, scalars } = toProgram([root], [dtype]);
    const params = { ...launch.params, program, scalars };
    run({ ...launch, params, inputs: leaves, outputs: [output] } as Launch);
  });
}

/** The expression of each output. */
function toExprs({ params, inputs }: LaunchOf<"map"> | LaunchOf<"reduce">): Node[] {
  const { program, scalars } = params;
  const nodes: Node[] = [];
  for (const instruction of program.instructions)
    nodes.push(toExpr(instruction, program, inputs, scalars, nodes));
  return program.outputs.map(({ register }) => nodes[register]!);
}

function toExpr(
  instruction: Program["instructions"][number],
  program: Program,
  inputs: readonly Binding[],
  scalars: readonly number[],
  nodes: readonly Node[],
): Node {
  switch (instruction.op) {
    case "input":
      return leafExpr(inputs[instruction.slot]!, program.inputs[instruction.slot]!);
    case "scalar":
      return scalarExpr(scalars[instruction.slot]!, instruction.type);
    case "index":
      return indexExpr(instruction.axis);
    case "cast":
      return castExpr(nodes[instruction.args[0]]!, instruction.type);
    default:
      return opExpr(instruction.op, ...instruction.args.map((arg) => nodes[arg]!));
  }
}

function store(context: Context, part: Node, shape: readonly number[]): Node {
  const target = temporaryView(context, part.type, shape);
  const { program, leaves, scalars } = toProgram([part], [part.type]);
  mapViews(context, program, scalars, shape, leaves, [target]);
  return leafExpr(target, part.type);
}

/** Puts stored parts in the place of subexpressions until at most `most` leaves are left. */
function cut(root: Node, most: number, storePart: (part: Node) => Node): Node {
  while (leavesOf(root).size > most) {
    let node = root;
    let inner: Node | undefined = root;
    while (inner) {
      node = inner;
      inner = node.args.find((arg) => leavesOf(arg).size > most);
    }
    // Every argument fits here; the largest has at least two leaves, so each round has fewer.
    const [part] = [...node.args].sort((a, b) => leavesOf(b).size - leavesOf(a).size);
    root = replace(root, part!, storePart(part!));
  }
  return root;
}

function leavesOf(
  node: Node,
  found: Set<Binding> = new Set(),
  seen: Set<Node> = new Set(),
): Set<Binding> {
  if (seen.has(node)) return found;
  seen.add(node);
  if (node.op === "input") found.add(node.leaf!);
  for (const arg of node.args) leavesOf(arg, found, seen);
  return found;
}

function replace(
  root: Node,
  part: Node,
  by: Node,
  done: Map<Node, Node> = new Map([[part, by]]),
): Node {
  const known = done.get(root);
  if (known) return known;
  const args = root.args.map((arg) => replace(arg, part, by, done));
  const made = args.every((arg, i) => arg === root.args[i]) ? root : rebuilt(root, args);
  done.set(root, made);
  return made;
}

function rebuilt(node: Node, args: Node[]): Node {
  if (node.op === "cast") return castExpr(args[0]!, node.type);
  if (node.op === "input" || node.op === "scalar" || node.op === "index") return node;
  return opExpr(node.op, ...args);
}
