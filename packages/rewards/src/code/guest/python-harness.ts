// Python that runs in Pyodide before the completion: loading, calling, and the border over which plain data
// goes (plain-value.ts). Modules that solutions usually import are loaded here, once, and are part of the
// memory image every test starts from.

/** In the interpreter of the completion. Nothing in it is trusted: all it can do is send data. */
export const candidateHarness: string = String.raw`
import json as _json, sys as _sys, types as _types
import abc, bisect, cmath, collections, copy, dataclasses, datetime, decimal, enum, fractions, functools
import heapq, io, itertools, math, operator, os, queue, random, re, statistics, string, time, typing

def _own_event_loop():
    # Pyodide's event loop schedules with JavaScript, which outlives the test. This one waits in Python.
    import asyncio, sys, time
    from asyncio import events
    class Selector:
        def select(self, timeout=None):
            if timeout is None:
                raise RuntimeError("the event loop waits for what never comes")
            if timeout > 0:
                time.sleep(timeout)
            return []
    class Loop(asyncio.BaseEventLoop):
        def __init__(self):
            super().__init__()
            self._selector = Selector()
        def _process_events(self, events): pass
        def _write_to_self(self): pass
    base = getattr(events, "_BaseDefaultEventLoopPolicy", None) or events.BaseDefaultEventLoopPolicy
    class Policy(base):
        _loop_factory = Loop
    webloop = sys.modules.get("pyodide.webloop")
    asyncio.run = getattr(webloop, "_orig_run", asyncio.run)
    time.sleep = getattr(webloop, "_orig_sleep", time.sleep)
    events._set_running_loop(None)
    set_policy = getattr(events, "_set_event_loop_policy", None) or events.set_event_loop_policy
    set_policy(Policy())

_own_event_loop()
del _own_event_loop
random.seed(0)  # a program that draws gets the same verdict every time

def _sixtyone():
    sys, types = _sys, _types
    dumps, loads = _json.dumps, _json.loads  # the module may be patched later
    from atexit import _run_exitfuncs as run_exit_functions
    from collections import deque
    from decimal import Decimal
    from fractions import Fraction
    import datetime as dt
    views = (types.GeneratorType, map, filter, zip, enumerate, reversed, type({}.keys()), type({}.values()),
             type({}.items()), type(iter([])), type(iter(())), type(iter({})), type(iter("")), type(iter(range(0))))
    handles = []
    state = {"module": None}
    limit = 1_000_000

    def encode(v, depth=0):
        if depth > 100:
            raise ValueError("a value is nested more than 100 deep")
        t = type(v)
        if v is None or t is bool:
            return v
        if isinstance(v, str):
            return str.__str__(v)
        each = lambda items: [encode(item, depth + 1) for item in items]
        if isinstance(v, int):
            n = int(v)
            return ["i", format(n, "d") if n.bit_length() < 13000 else ("-" if n < 0 else "") + "0x" + format(abs(n), "x")]
        if isinstance(v, float):
            return ["f", float.__repr__(float(v))]
        if isinstance(v, complex):
            return ["c", float.__repr__(v.real), float.__repr__(v.imag)]
        if isinstance(v, list):
            return ["l", each(list(v))]
        if isinstance(v, tuple):
            return ["t", each(tuple(v))]
        if isinstance(v, dict):
            return ["d", [[encode(k, depth + 1), encode(x, depth + 1)] for k, x in dict.items(v)]]
        if isinstance(v, frozenset):
            return ["F", each(frozenset(v))]
        if isinstance(v, set):
            return ["S", each(set(v))]
        if isinstance(v, (bytes, bytearray)):
            return ["b", bytes(v).hex()]
        if t is range:
            return ["r", v.start, v.stop, v.step]
        if t is deque:
            return ["q", each(v)]
        if t is Decimal:
            return ["D", str(v)]
        if t is Fraction:
            return ["R", f"{v.numerator}/{v.denominator}"]
        if t in (dt.date, dt.datetime, dt.time):
            return ["T", t.__name__, v.isoformat()]
        if isinstance(v, views):
            items = []
            for item in v:
                items.append(encode(item, depth + 1))
                if len(items) > limit:
                    raise ValueError("an iterator of more than 1,000,000 items")
            return ["g", items]
        handles.append(v)
        return ["h", len(handles) - 1, t.__name__]

    def decode(v):
        if not isinstance(v, list):
            return v
        tag, body = v[0], v[1] if len(v) > 1 else None
        if tag == "u": return None
        if tag == "i": return int(body, 16) if "x" in body else int(body)
        if tag == "f": return float(body)
        if tag == "c": return complex(float(v[1]), float(v[2]))
        if tag == "l": return [decode(x) for x in body]
        if tag == "t": return tuple([decode(x) for x in body])
        if tag == "d": return {decode(k): decode(x) for k, x in body}
        if tag == "S": return {decode(x) for x in body}
        if tag == "F": return frozenset([decode(x) for x in body])
        if tag == "b": return bytes.fromhex(body)
        if tag == "r": return range(v[1], v[2], v[3])
        if tag == "q": return deque([decode(x) for x in body])
        if tag == "D": return Decimal(body)
        if tag == "R": return Fraction(body)
        if tag == "T": return getattr(dt, v[1]).fromisoformat(v[2])
        if tag == "g": return iter([decode(x) for x in body])
        if tag == "h": return handles[body]
        raise ValueError("unknown value")

    def describe(error):
        try:
            kind = type(error).__name__
            for base in type(error).__mro__:
                if base.__module__ == "builtins":
                    return [kind, str(error)[:300], base.__name__]
        except BaseException:
            pass
        return ["Exception", "an error that cannot be shown", "Exception"]

    def load(source, name):
        module = types.ModuleType(name)
        state["module"] = module
        sys.modules[name] = module
        sys.argv = ["solution.py"]
        try:
            try:
                exec(compile(source, "solution.py", "exec"), module.__dict__)
            finally:
                if name == "__main__":
                    run_exit_functions()
            return "{}"
        except SystemExit as error:
            code = error.code
            return dumps({"exit": 0 if code is None else code if isinstance(code, int) else 1})
        except BaseException as error:
            return dumps({"error": describe(error)})
        finally:
            try:
                sys.stdout.flush()
            except BaseException:
                pass

    def call(target, args):
        try:
            if not target.startswith("#"):
                value = state["module"]
                for part in target.split("."):
                    value = getattr(value, part)
            else:
                value = handles[int(target[1:])]
            given = loads(args)
            named = {}
            if isinstance(given, dict):
                named = {name: decode(x) for name, x in given["named"].items()}
                given = given["args"]
            decoded = decode(given)
            result = value(*decoded, **named)
            # Arguments changed in place go back, as the caller would see them.
            return dumps({"value": encode(result), "args": [encode(arg) for arg in decoded]})
        except BaseException as error:
            return dumps({"error": describe(error)})

    def attribute(handle, name):
        try:
            return dumps({"value": encode(getattr(handles[int(handle)], name))})
        except BaseException as error:
            return dumps({"error": describe(error)})

    return load, call, attribute, encode, decode
`;

/** In the interpreter of the tests, after the harness above. */
export const testHarness: string = String.raw`
def _sixtyone_tests(encode, decode):
    import builtins, json, types
    reserved = set(dir(builtins))

    class RemoteError(Exception):
        pass

    def receive(text):
        answer = json.loads(text)
        if "error" not in answer:
            return answer
        kind, message, base = answer["error"]
        known = getattr(builtins, base, None)
        if isinstance(known, type) and issubclass(known, Exception) and base != "Exception":
            raise known(message) if base not in ("UnicodeDecodeError", "UnicodeEncodeError") else ValueError(message)
        raise RemoteError(f"{kind}: {message}")

    def plain(value):
        # An object that is not data stays over there: here it is only its number.
        if isinstance(value, list):
            if len(value) > 1 and value[0] == "h":
                return Remote(value[1])
            if len(value) > 1 and value[0] in ("l", "t", "S", "F", "q", "g"):
                items = [plain(x) for x in value[1]]
                return decode([value[0], []]) if not items else {"l": list, "t": tuple, "S": set, "F": frozenset, "g": iter}.get(value[0], list)(items)
            if len(value) > 1 and value[0] == "d":
                return {plain(k): plain(x) for k, x in value[1]}
        return decode(value)

    def send(value):
        return ["h", object.__getattribute__(value, "_number")] if type(value) is Remote else encode(value)

    def invoke(target, args, named):
        given = {"args": ["l", [send(x) for x in args]], "named": {name: send(x) for name, x in named.items()}}
        answer = receive(remote_call(target, json.dumps(given)))
        for mine, theirs in zip(args, answer.get("args", [])):
            if type(mine) in (list, dict, set, bytearray):
                new = plain(theirs)
                if type(mine) is list and mine != new:
                    mine[:] = new
                elif type(mine) in (dict, set) and mine != new:
                    mine.clear(); mine.update(new)
        return plain(answer["value"])

    class Remote:
        __slots__ = ("_number",)
        def __init__(self, number):
            self._number = int(number)
        def __call__(self, *args, **named):
            return invoke(f"#{self._number}", list(args), named)
        def __getattr__(self, name):
            return plain(receive(remote_attribute(str(self._number), name))["value"])
        def __getitem__(self, key):
            return self.__getattr__("__getitem__")(key)
        def __len__(self):
            return int(self.__getattr__("__len__")())
        def __iter__(self):
            return iter(list(self.__getattr__("__iter__")()))

    def stand_in(name):
        def function(*args, **named):
            return invoke(name, list(args), named)
        function.__name__ = function.__qualname__ = name
        return function

    def names(code):
        found = list(code.co_names)
        for const in code.co_consts:
            if isinstance(const, types.CodeType):
                found += names(const)
        return found

    def run(setup, source, functions):
        functions = json.loads(functions)
        space = {"__name__": "tests"}
        try:
            exec(compile(setup, "setup.py", "exec"), space)
            code = compile(source, "tests.py", "exec")
            if functions is None:
                wanted = [n for n in dict.fromkeys(names(code)) if n not in reserved and n not in space]
                # Names the tests define or import are set before they are used.
                functions = [n for n in wanted if n in called(source)]
            for name in functions:
                space[name] = stand_in(name)
            exec(code, space)
            return "{}"
        except BaseException as error:
            kind = type(error).__name__
            return json.dumps({"error": f"{kind}: {error}"[:300] if str(error) else kind})

    def called(source):
        import ast
        tree = ast.parse(source)
        return {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}

    return run
`;
