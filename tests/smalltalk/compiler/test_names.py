"""Mangled names: injective, reversible, and never more than identifiers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smalltalk.compiler import mangle

_TEXTS = st.one_of(st.text(min_size=1, max_size=12), st.text("a0:_x", min_size=1, max_size=8))


@given(_TEXTS)
def test_mangling_is_reversible_and_gives_identifier_characters(text: str) -> None:
    part = mangle.mangle(text)
    assert mangle.demangle(part) == text
    assert f"S_{part}".isidentifier()
    assert part.isascii()


def test_readable_names() -> None:
    assert mangle.dispatch_name("at:put:") == "S_at_put_"
    assert mangle.dispatch_name("+") == "S__02bx"
    assert mangle.super_name("printOn:", "Foo class") == "U_printOn___Foo_class"
    assert mangle.class_variable_name("Foo", "Total") == "V_Foo__Total"


@given(
    st.from_regex(r"(?:[a-z_][A-Za-z0-9_]{0,5}:){1,3}|[a-z_][A-Za-z0-9_]{0,5}|[-+*/<>=~@,%&|]{1,2}", fullmatch=True),
    st.from_regex(r"[A-Z][A-Za-z0-9_]{0,8}( class)?", fullmatch=True),
)
def test_names_of_super_sends_are_read_back(selector: str, class_key: str) -> None:
    assert mangle.parse_super_name(mangle.super_name(selector, class_key)) == (selector, class_key)


@given(st.from_regex(r"[A-Z_]\w{0,6}", fullmatch=True), st.from_regex(r"[A-Za-z_]\w{0,6}", fullmatch=True))
def test_names_of_class_variables_are_read_back(owner: str, name: str) -> None:
    assert mangle.parse_class_variable_name(mangle.class_variable_name(owner, name)) == (owner, name)
