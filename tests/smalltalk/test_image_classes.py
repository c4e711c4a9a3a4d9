"""Classes, methods and blocks of a session survive restarts, redefinitions and each other."""

from __future__ import annotations

import pytest

from tests.smalltalk.lifetimes import Lifetimes


@pytest.fixture
def session() -> Lifetimes:
    """A session with a class, a method on each side, an instance and a class variable."""
    session = Lifetimes()
    session.run(
        "Object subclass: #Account instanceVariableNames: 'owner balance' classVariableNames: 'Count' package: 'Bank'"
    )
    session.run("Account compile: 'balance ^ balance ifNil: [0]' classified: 'accessing'")
    session.run("Account compile: 'deposit: n balance := self balance + n' classified: 'accessing'")
    session.run("Account class compile: 'open Count := (Count ifNil: [0]) + 1. ^ self new'")
    session.run("a := Account open. a deposit: 5")
    return session


def test_a_class_survives_whole(session: Lifetimes) -> None:
    session.run("Account comment: 'Keeps money.'")
    session.restart()
    assert session.run("a deposit: 2. a balance") == "7"
    assert session.run("Account open balance") == "0"
    assert session.run("a class == Account") == "true"
    assert session.run("Account comment") == "'Keeps money.'"
    assert session.run("Account category") == "'Bank'"
    assert session.run("(Account >> #balance) sourceCode") == "'balance ^ balance ifNil: [0]'"
    assert session.run("(Account >> #balance) protocol asString") == "'accessing'"
    assert session.run("Account selectors asSortedCollection asArray") == "#(#balance #deposit:)"


def test_changing_a_method_writes_its_record_and_its_former_version(session: Lifetimes) -> None:
    session.run("Account compile: 'balance ^ (balance ifNil: [0]) + 50' classified: 'accessing'")
    session.evaluate("Account compile: 'balance ^ (balance ifNil: [0]) + 100' classified: 'accessing'")
    kinds = [session.kind_of(oid) for oid in session.commit()]
    assert sorted(map(str, kinds)) == ["%Class", "%Method", "%Page", "%Page", "%Version"]
    session.restart()
    assert session.run("a balance") == "105"


def test_a_new_method_writes_a_few_small_records(session: Lifetimes) -> None:
    for number in range(40):
        session.run(f"Account compile: 'm{number} ^ {number}'")
    session.evaluate("Account compile: 'last ^ 0'")
    kinds = sorted(str(session.kind_of(oid)) for oid in session.commit())
    assert kinds in (["%Class", "%Method", "%Page"], ["%Class", "%Method", "%Page", "%Table"])


def test_class_side_variables_and_class_variables_survive(session: Lifetimes) -> None:
    session.run("Account class instanceVariableNames: 'rate'")
    session.run("Account class compile: 'rate: r rate := r'")
    session.run("Account class compile: 'rate ^ rate'")
    session.run("Account class compile: 'count ^ Count'")
    session.run("Account rate: 3/100")
    session.restart()
    assert session.run("{Account rate. Account count}") == "{(3/100). 1}"


def test_subclasses_survive_in_any_order_of_loading(session: Lifetimes) -> None:
    session.run("Account subclass: #Savings instanceVariableNames: 'term' classVariableNames: '' package: 'Bank'")
    session.run("s := Savings open. s deposit: 9")
    session.restart()
    assert session.run("s balance") == "9"
    assert session.run("Savings superclass == Account") == "true"


def test_removed_methods_and_classes_stay_removed(session: Lifetimes) -> None:
    session.run("Object subclass: #Brief")
    session.run("Brief removeFromSystem")
    session.run("Account removeSelector: #deposit:")
    session.restart()
    assert session.run("a respondsTo: #deposit:") == "false"
    assert session.fail("Brief").kind == "syntax"


def test_instances_of_a_removed_class_go_on(session: Lifetimes) -> None:
    session.run("Account removeFromSystem")
    session.restart()
    assert session.run("a balance") == "5"
    session.restart()
    assert session.run("a class name asString") == "'Account'"


def test_redefinition_maps_old_records_by_name(session: Lifetimes) -> None:
    session.run("b := Account open. b deposit: 8")
    session.restart()
    session.run(
        "Object subclass: #Account instanceVariableNames: 'bank balance' classVariableNames: 'Count' package: 'Bank'"
    )
    assert session.run("a balance") == "5"
    session.restart()
    assert session.run("{a balance. b balance}") == "#(5 8)"


def test_redefinition_beyond_the_layout_keeps_values_and_identity(session: Lifetimes) -> None:
    session.run("all := Array with: a with: a")
    names = " ".join([*(f"v{number}" for number in range(30)), "balance"])
    session.run(f"Object subclass: #Account instanceVariableNames: '{names}' classVariableNames: 'Count' category: 'B'")
    assert session.run("(all at: 1) deposit: 1. a balance") == "6"
    session.restart()
    assert session.run("(all at: 2) balance") == "6"
    assert session.run("(all at: 1) == (all at: 2)") == "true"


def test_changes_to_kernel_classes_survive_and_stay_in_the_session(session: Lifetimes) -> None:
    session.run("Integer compile: 'double ^ self * 2' classified: '*bank'")
    session.run("Integer class compile: 'lucky ^ 7'")
    session.restart()
    assert session.run("4 double + Integer lucky") == "15"
    assert Lifetimes().fail("4 double").error_class == "MessageNotUnderstood"
    session.run("Integer removeSelector: #double")
    session.restart()
    assert session.fail("4 double").error_class == "MessageNotUnderstood"


def test_a_kernel_method_that_was_overridden_comes_back_when_the_override_goes(session: Lifetimes) -> None:
    session.run("Object compile: 'isNil ^ 3'")
    session.restart()
    assert session.run("Object new perform: #isNil") == "3"
    session.run("Object removeSelector: #isNil")


def test_blocks_of_do_its_survive_with_what_they_captured(session: Lifetimes) -> None:
    session.run("n := 10. f := [:x | | y | y := x + n. y * a balance]")
    session.restart()
    assert session.run("f value: 1") == "55"
    session.run("n := 0")
    session.restart()
    assert session.run("f value: 1") == "5"
    assert session.run("f numArgs") == "1"


def test_literals_of_a_shape_stay_with_their_block(session: Lifetimes) -> None:
    session.run("f := [:x | x + 1]")
    session.run("g := [:x | x + 2]")
    session.restart()
    assert session.run("{f value: 0. g value: 0}") == "#(1 2)"


def test_counters_share_their_captured_variable(session: Lifetimes) -> None:
    session.run("Account compile: 'counter | c | c := 0. ^ {[c := c + 1]. [c]}'")
    session.run("pair := a counter. pair first value")
    session.restart()
    assert session.run("pair first value. pair second value") == "2"
    session.restart()
    assert session.run("pair second value") == "2"


def test_a_block_outlives_the_method_it_was_written_in(session: Lifetimes) -> None:
    session.run("Account compile: 'adder: n ^ [:x | x + n + balance]'")
    session.run("f := a adder: 100")
    session.run("Account compile: 'adder: n ^ nil'")
    session.restart()
    assert session.run("f value: 1") == "106"
    session.run(
        "Object subclass: #Account instanceVariableNames: 'first balance' classVariableNames: 'Count' package: 'Bank'"
    )
    session.restart()
    assert session.run("f value: 1") == "106"


def test_a_block_with_a_dead_home_says_so(session: Lifetimes) -> None:
    session.run("Account compile: 'escape ^ [:x | ^ x]'")
    session.run("f := a escape")
    session.restart()
    assert session.fail("f value: 1").error_class == "BlockCannotReturn"


def test_a_chain_of_blocks_loads_without_recursion(session: Lifetimes) -> None:
    session.run("Account compile: 'chain: n | f | f := [0]. n timesRepeat: [| g | g := f. f := [g]]. ^ f'")
    session.run("f := a chain: 20000")
    session.restart()
    assert session.run("| n | n := 0. [f value == 0] whileFalse: [f := f value. n := n + 1]. n") == "20000"


def test_methods_as_objects_survive(session: Lifetimes) -> None:
    session.run("m := Account >> #balance. k := Array >> #printOn:")
    session.restart()
    assert session.run("m == (Account >> #balance)") == "true"
    assert session.run("k == (Array >> #printOn:)") == "true"


def test_a_renamed_variable_keeps_its_values_in_stored_and_in_older_instances(session: Lifetimes) -> None:
    session.run("b := Account open. b deposit: 7")
    session.restart()
    session.run("a deposit: 1. Account addInstVarNamed: 'notes'. Account renameInstVarNamed: 'balance' to: 'money'")
    assert session.run("{a balance. Account instVarNames}") == "#(6 #(#owner #money #notes))"
    assert session.run("(Account >> #deposit:) sourceCode") == "'deposit: n money := self balance + n'"
    session.restart()
    session.run("Account addInstVarNamed: 'balance'. Account renameInstVarNamed: 'balance' to: 'later'")
    session.run("b deposit: 1")
    session.restart()
    assert session.run("{a balance. b balance. b instVarNamed: 'later'}") == "#(6 8 nil)"
    assert session.fail("Account renameInstVarNamed: 'money' to: 'owner'").error_class == "Error"


def test_a_renamed_class_stays_the_same_class(session: Lifetimes) -> None:
    session.run("Account compile: 'hash ^ super hash'. f := [:x | x + a balance]. Account rename: #Purse")
    assert session.run("{a class. Purse open class. a hash isInteger}") == "{Purse. Purse. true}"
    assert session.fail("Account").kind == "syntax"
    session.restart()
    assert session.run("{a class. f value: 1. a hash isInteger}") == "{Purse. 6. true}"


def test_classes_without_a_name_survive_and_send_to_super(session: Lifetimes) -> None:
    session.run("c := Account newAnonymousSubclass. c compile: 'balance ^ super balance + 100'. d := c open deposit: 1")
    session.restart()
    assert session.run("{d balance. d class == c. c superclass}") == "{201. true. Account}"
    session.run("Account addInstVarNamed: 'x'. Account removeFromSystem")
    session.restart()
    assert session.run("{d balance. a balance}") == "#(201 5)"


def test_a_block_of_a_removed_class_is_still_written(session: Lifetimes) -> None:
    session.run("Account compile: 'adder ^ [:x | x + Count]'. f := a adder. Account removeFromSystem. f value: 1")
    session.run("Object subclass: #Account instanceVariableNames: '' classVariableNames: 'Count' package: 'New'")
    session.run("g := {f}")
    session.restart()
    assert session.run("g first value: 1") == "2"


REUSED = """\
Object << #Upper package: 'X'. Upper compile: 'hi ^ #upper'.
Object << #Other package: 'X'. Other compile: 'hi ^ #other'.
Upper << #Gone sharedVariables: {#V}; package: 'X'. Gone class compile: 'set: x V := x'. Gone set: 1.
Gone compile: 'variable ^ [V]'. Gone compile: 'above ^ [super hi]'.
old := {Gone new variable. Gone new above}"""
TAKEN = """\
Other << #Gone sharedVariables: {#V}; package: 'X'. Gone class compile: 'set: x V := x'. Gone set: 2.
Gone compile: 'variable ^ [V]'. Gone compile: 'above ^ [super hi]'.
new := {Gone new variable. Gone new above}"""
ALL = "old , new , {Gone new variable. Gone new above} collect: [:each | each value]"


@pytest.mark.parametrize("leaving", ["Gone removeFromSystem", "Gone rename: #Went"])
def test_blocks_of_a_class_go_on_meaning_it_when_another_takes_its_name(session: Lifetimes, leaving: str) -> None:
    session.run(REUSED)
    session.run(f"{leaving}. {TAKEN}")
    expected = "#(1 #upper 2 #other 2 #other)"
    assert session.run(ALL) == expected
    session.run("Other compile: 'hi ^ #other'. Upper compile: 'hi ^ #upper'. Gone class instanceVariableNames: 'x'")
    assert session.run(ALL) == expected
    session.restart()
    assert session.run(ALL) == expected
    session.run(f"old := new. Gone removeFromSystem. {TAKEN.replace('2', '3')}")
    session.restart()
    assert session.run(ALL) == "#(2 #other 3 #other 3 #other)"
    session.run("Gone compile: 'fails ^ 1 zork'")
    assert session.fail("Gone new fails").stack[1][0] == "Gone>>fails"


def test_a_block_keeps_its_class_variable_when_the_name_is_reused_in_the_same_evaluation(session: Lifetimes) -> None:
    session.run(f"{REUSED}. Gone removeFromSystem. Object << #Gone package: 'X'")
    assert session.run("old first value") == "1"
    session.restart()
    assert session.run("old first value") == "1"


def test_pools_survive_and_show_their_variables(session: Lifetimes) -> None:
    session.run("SharedPool subclass: #Rates instanceVariableNames: '' classVariableNames: 'Low' package: 'Bank'")
    session.run("Rates at: #Low put: 3. Account sharedPools: {Rates}. Account compile: 'rate ^ Low'")
    session.restart()
    assert session.run("{a rate. Account sharedPools}") == "{3. {Rates}}"
    session.run("Rates at: #Low put: 4")
    assert session.run("a rate") == "4"
