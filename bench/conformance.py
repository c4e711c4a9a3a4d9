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
from actors.running.host import LanguageHost
from smalltalk import Image, Outcome, load_kernel

from .conformance_notices import NoticeTally

FLOORS = Path(__file__).parent / "conformance_floors.json"
#: CPU time of one case: the slowest upstream test takes far less.
CASE_BUDGET_MS = 3_000
KERNEL, _ = load_kernel(None)


def fresh_image() -> Image:
    """An image of its own for a case."""
    return Image.create(KERNEL, LanguageHost(SystemClock()))


def evaluate(code: str, image: Image | None = None) -> Outcome:
    """The outcome of a do-it, in a fresh image unless one is given."""
    image = image or fresh_image()
    evaluation = image.begin(cpu_budget_ms=CASE_BUDGET_MS)
    return image.evaluate(code, tool_id=None, display=False, evaluation=evaluation)


def verdict(code: str, wanted: str, image: Image | None = None) -> str | None:
    """None when `code` answers something printed as `wanted`, else what happened instead."""
    outcome = evaluate(code, image)
    if outcome.failure is not None:
        return f"{outcome.failure.error_class}: {outcome.failure.message}"
    return None if outcome.result == wanted else f"answered {outcome.result[:200]}"


def quoted(text: str) -> str:
    """A Smalltalk string literal."""
    return "'" + text.replace("'", "''") + "'"


#: How a typed JSON scalar is written in STON.
STON_FORMS = {
    "string": lambda value: quoted(value["string"]),
    "symbol": lambda value: "#" + value["symbol"],
    "ref": lambda value: f"@{value['ref']}",
    "float": lambda value: str(value["float"]),
    "assoc": lambda value: ":".join(ston_text(each) for each in value["assoc"]),
}
#: Classes whose name STON leaves out, by the kind of their contents.
STON_BARE = {"elements": "Array", "pairs": "Dictionary"}


def ston_text(value: Any) -> str:
    """Typed JSON as compact STON."""
    if not isinstance(value, dict):
        return "nil" if value is None else str(value).lower()
    for key, form in STON_FORMS.items():
        if key in value:
            return form(value)
    if "elements" in value:
        inside = "[" + ",".join(ston_text(each) for each in value["elements"]) + "]"
    else:
        inside = "{" + ",".join(f"{ston_text(k)}:{ston_text(v)}" for k, v in value["pairs"]) + "}"
    is_bare = STON_BARE["elements" if "elements" in value else "pairs"] == value["class"]
    return inside if is_bare else value["class"] + inside


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


#: Give the snippet's value its arguments until it is no block and no method.
APPLY = (
    "| r | r := SnippetValue. "
    "(r isKindOf: CompiledMethod) ifTrue: [r := r valueWithReceiver: nil arguments: (1 to: r numArgs) asArray]. "
    "[r isBlock] whileTrue: [r := r valueWithArguments: (1 to: r numArgs) asArray]. r"
)


def compile_snippet(case: dict[str, Any], image: Image) -> Outcome:
    """Compile a snippet; a method becomes the value, a do-it is run and its value becomes it."""
    if case["isScripting"]:
        return evaluate(case["source"], image)
    evaluate("Object subclass: #SnippetHost", image)
    return evaluate(f"SnippetHost >> (SnippetHost compile: {quoted(case['source'])})", image)


#: Where a method's source is refused and why, given the source.
REFUSAL = (
    "[SnippetHost compile: {}. #(0 0 '')] on: CodeError do: [:each | {{each line. each column. each messageText}}]"
)


def tally_notices(cases: list[dict[str, Any]]) -> NoticeTally:
    """Compare where and how refused snippets are refused with their notices."""
    tally = NoticeTally()
    for case in cases:
        if not case["isFaulty"] or "notices" not in case:
            continue
        image = fresh_image()
        failure = compile_snippet(case, image).failure
        if failure is None or failure.line is None or failure.column is None:
            continue
        if case["isScripting"]:
            tally.count(case, (failure.line, failure.column), failure.message)
            continue
        refusal = REFUSAL.format(quoted(case["source"]))
        line, column = (int(evaluate(f"({refusal}) at: {index}", image).result) for index in (1, 2))
        tally.count(case, (line, column), failure.message)
    return tally


def check_snippet(case: dict[str, Any]) -> str | None:
    """Compile it, and run it where the case says what comes out."""
    image = fresh_image()
    outcome = compile_snippet(case, image)
    failure = outcome.failure
    is_refused = failure is not None and (failure.kind == "syntax" or failure.error_class == "CodeError")
    if is_refused != bool(case["isFaulty"]):
        reason = f" ({failure.error_class}: {failure.message})" if failure else ""
        return f"compiles: {not is_refused}{reason}"
    if case["isFaulty"]:
        return None
    if "raise" in case or "messageNotUnderstood" in case:
        name = case.get("raise", "MessageNotUnderstood")
        return verdict(f"[{case['source']}\n. false] on: {name} do: [:raised | true]", "true", image)
    if "value" not in case:
        return None
    if failure is None:
        image.world.set_global("SnippetValue", outcome.value)
        outcome = evaluate(APPLY, image)
        failure = outcome.failure
    if failure is not None:
        return f"{failure.error_class}: {failure.message}"
    image.world.set_global("SnippetValue", outcome.value)
    return verdict(f"SnippetValue = ({case['value']})", "true", image)


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
    if name == "snippets":
        tally_notices(cases).report(failures_shown)
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
