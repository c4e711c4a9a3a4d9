"""The public conformance cases, counted: `python -m bench.conformance ../shared/conformance [--suite NAME]`.

Every case runs in an image of its own and counts in the denominator. The floors in `bench/conformance_floors.json` only
rise: falling below one fails the run, `--raise-floors` lifts them to what was reached.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import click

from actors.clock import SystemClock
from smalltalk import Evaluation, Image, Outcome, load_kernel

FLOORS = Path(__file__).parent / "conformance_floors.json"
#: CPU time of one case: the slowest upstream test takes far less.
CASE_BUDGET_MS = 3_000
KERNEL, _ = load_kernel(None)


def evaluate(code: str) -> Outcome:
    """The outcome of a do-it in a fresh image."""
    image = Image.create(KERNEL, SystemClock())
    evaluation = Evaluation(image.world, cpu_budget_ms=CASE_BUDGET_MS)
    return image.evaluate(code, tool_id=None, display=False, evaluation=evaluation)


def verdict(code: str, wanted: str) -> str | None:
    """None when `code` answers something printed as `wanted`, else what happened instead."""
    outcome = evaluate(code)
    if outcome.failure is not None:
        return f"{outcome.failure.error_class}: {outcome.failure.message}"
    return None if outcome.result == wanted else f"answered {outcome.result[:200]}"


def quoted(text: str) -> str:
    """A Smalltalk string literal."""
    return "'" + text.replace("'", "''") + "'"


def ston_text(value: Any) -> str:
    """Typed JSON as compact STON."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if "string" in value:
        return "'" + value["string"] + "'"
    if "symbol" in value:
        return "#" + value["symbol"]
    if "elements" in value:
        inside = "[" + ",".join(ston_text(each) for each in value["elements"]) + "]"
        return inside if value["class"] == "Array" else value["class"] + inside
    if "pairs" in value:
        inside = "{" + ",".join(f"{ston_text(k)}:{ston_text(v)}" for k, v in value["pairs"]) + "}"
        return inside if value["class"] == "Dictionary" else value["class"] + inside
    raise ValueError(f"the case's typed JSON has an unknown form: {value}")


def check_ston(case: dict[str, Any]) -> str | None:
    """One STON case; those without code are read and written again as their typed JSON says."""
    for name in case.get("requires", ()):
        if verdict(f"Smalltalk includesKey: #{name}", "true") is not None:
            return "skipped: needs " + name
    if "smalltalk" in case:
        return verdict(case["smalltalk"], "true")
    reader = "fromStringWithComments:" if case.get("comments") else "fromString:"
    return verdict(
        f"(STON toString: (STON {reader} {quoted(case['input'])})) = {quoted(ston_text(case['expected']))}", "true"
    )


def method_snippet(case: dict[str, Any]) -> str:
    """A do-it that compiles a method snippet and answers a CompiledMethod."""
    return (
        f"(Object subclass: #SnippetHost) compile: {quoted(case['source'])}. SnippetHost >> SnippetHost selectors any"
    )


def run_of_snippet(case: dict[str, Any]) -> str:
    """An expression that runs a snippet and answers its value; blocks and methods get 1, 2, ... as arguments."""
    if case["isScripting"]:
        return (
            f"[ | r | r := [{case['source']}\n] value. "
            "[r isBlock] whileTrue: [r := r valueWithArguments: (1 to: r numArgs) asArray]. r ] value"
        )
    return (
        f"[ | m | m := [{method_snippet(case)}] value. "
        "m valueWithReceiver: nil arguments: (1 to: m numArgs) asArray ] value"
    )


def check_snippet(case: dict[str, Any]) -> str | None:
    """Compile it, and run it where the case says what comes out."""
    source = case["source"] if case["isScripting"] else method_snippet(case)
    probe = f"[{case['source']}\n]" if case["isScripting"] and not case["isFaulty"] else source
    compiled = evaluate(probe)
    is_refused = compiled.failure is not None and (
        compiled.failure.kind == "syntax" or "SyntaxError" in compiled.failure.error_class
    )
    if is_refused != bool(case["isFaulty"]):
        failure = compiled.failure
        return f"compiles: {not is_refused}" + (f" ({failure.error_class}: {failure.message})" if failure else "")
    if case["isFaulty"]:
        return None
    if "value" in case:
        return verdict(f"({run_of_snippet(case)}) = ({case['value']})", "true")
    wanted = case.get("raise") or ("MessageNotUnderstood" if "messageNotUnderstood" in case else None)
    if wanted is None:
        return None
    outcome = evaluate(run_of_snippet(case))
    got = outcome.failure.error_class if outcome.failure else f"answered {outcome.result}"
    return None if got == wanted else got


CHECKS = {
    "examples": lambda case: verdict(case["check"], "true"),
    "doits": lambda case: verdict(case["code"], "#()"),
    "ston": check_ston,
    "snippets": check_snippet,
    "floats": lambda case: verdict(f"({case['expression']}) = {quoted(case['expected'])}", "true"),
}


def run_suite(path: Path, name: str, failures_shown: int) -> float:
    """Run one file; answers the rate in percent."""
    cases = json.loads((path / f"{name}.json").read_text())["cases"]
    reasons: Counter[str] = Counter()
    shown = 0
    for case in cases:
        reason = CHECKS[name](case)
        if reason is None:
            continue
        reasons[reason.split("\n")[0][:100]] += 1
        if shown < failures_shown:
            shown += 1
            print(f"    {case['id']}: {reason[:200]}")
    passed = len(cases) - sum(reasons.values())
    rate = 100 * passed / len(cases)
    print(f"{name:10} {passed:5} of {len(cases):5}  {rate:6.2f} %", flush=True)
    if failures_shown:
        for reason, count in reasons.most_common(25):
            print(f"    {count:4}  {reason}")
    return rate


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--suite", "suites", multiple=True, type=click.Choice(sorted(CHECKS)), help="Only these.")
@click.option("--failures", default=0, help="Print so many failed cases of each suite, and the reasons counted.")
@click.option("--raise-floors", is_flag=True, help="Lift the floors to what was reached.")
def main(path: Path, suites: tuple[str, ...], failures: int, *, raise_floors: bool) -> None:
    """Run the cases under PATH and hold the floors."""
    sys.set_int_max_str_digits(0)
    floors = json.loads(FLOORS.read_text()) if FLOORS.exists() else {}
    rates = {name: run_suite(path, name, failures) for name in suites or sorted(CHECKS)}
    if raise_floors:
        floors |= {name: max(floors.get(name, 0), int(rate * 10) / 10) for name, rate in rates.items()}
        FLOORS.write_text(json.dumps(floors, indent=1, sort_keys=True) + "\n")
    fallen = [name for name, rate in rates.items() if rate < floors.get(name, 0)]
    for name in fallen:
        print(f"{name} fell below its floor of {floors[name]} %")
    sys.exit(bool(fallen))


if __name__ == "__main__":
    main()
