"""The variables and constraints of the benchmark `deltablue`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.classics.deltablue import Planner


class Variable:
    """A variable of constraints."""

    def __init__(self, value: int) -> None:
        self.value = value
        self.constraints: list[Constraint] = []
        self.determined_by: Constraint | None = None
        self.mark = 0
        self.walk = 6
        self.stay = True

    def add_constraint(self, constraint: Constraint) -> None:
        """Note a constraint."""
        self.constraints.append(constraint)

    def remove_constraint(self, constraint: Constraint) -> None:
        """Forget a constraint."""
        if constraint in self.constraints:
            self.constraints.remove(constraint)
        if self.determined_by is constraint:
            self.determined_by = None


class Constraint:
    """What all constraints have in common; a smaller strength is a stronger one."""

    strength: int

    def is_input(self) -> bool:
        """Whether its value comes from outside."""
        return False

    def is_stronger_than(self, strength: int) -> bool:
        """Whether it is the stronger one."""
        return self.strength < strength

    def add_to(self, planner: Planner) -> None:
        """Put it into force."""
        self.add_to_graph()
        planner.incremental_add(self)

    def remove_from(self, planner: Planner) -> None:
        """Take it out."""
        if self.is_satisfied():
            planner.incremental_remove(self)
        else:
            self.remove_from_graph()

    def satisfy(self, mark: int, planner: Planner) -> Constraint | None:
        """Try to satisfy it; answer the constraint that it overrides."""
        self.choose(mark)
        if not self.is_satisfied():
            if self.strength == 0:
                raise ValueError("a required constraint cannot be satisfied")
            return None
        self.mark_inputs(mark)
        target = self.output()
        overridden = target.determined_by
        if overridden is not None:
            overridden.unsatisfy()
        target.determined_by = self
        if not planner.propagate(self, mark):
            raise ValueError("a cycle of constraints")
        target.mark = mark
        return overridden

    def add_to_graph(self) -> None:
        """Tell its variables."""
        raise NotImplementedError

    def remove_from_graph(self) -> None:
        """Tell its variables."""
        raise NotImplementedError

    def choose(self, mark: int) -> None:
        """Choose how to satisfy it."""
        raise NotImplementedError

    def is_satisfied(self) -> bool:
        """Whether it is."""
        raise NotImplementedError

    def unsatisfy(self) -> None:
        """Note that it is not."""
        raise NotImplementedError

    def mark_inputs(self, mark: int) -> None:
        """Mark its inputs."""
        raise NotImplementedError

    def inputs_known(self, mark: int) -> bool:
        """Whether its inputs are."""
        raise NotImplementedError

    def output(self) -> Variable:
        """The variable it determines."""
        raise NotImplementedError

    def recalculate(self) -> None:
        """Find strength and value of the output."""
        raise NotImplementedError

    def execute(self) -> None:
        """Compute the output."""
        raise NotImplementedError


class Unary(Constraint):
    """A constraint of one variable."""

    def __init__(self, target: Variable, strength: int, planner: Planner) -> None:
        self.strength = strength
        self.target = target
        self.is_on = False
        self.add_to(planner)

    def add_to_graph(self) -> None:
        """Tell its variables."""
        self.target.add_constraint(self)
        self.is_on = False

    def remove_from_graph(self) -> None:
        """Tell its variables."""
        if self.target is not None:
            self.target.remove_constraint(self)
        self.is_on = False

    def choose(self, mark: int) -> None:
        """Choose how to satisfy it."""
        self.is_on = self.target.mark != mark and self.is_stronger_than(self.target.walk)

    def is_satisfied(self) -> bool:
        """Whether it is."""
        return self.is_on

    def unsatisfy(self) -> None:
        """Note that it is not."""
        self.is_on = False

    def mark_inputs(self, mark: int) -> None:
        """Mark its inputs."""

    def inputs_known(self, mark: int) -> bool:  # noqa: ARG002 - it has none
        """Whether its inputs are."""
        return True

    def output(self) -> Variable:
        """The variable it determines."""
        return self.target

    def recalculate(self) -> None:
        """Find strength and value of the output."""
        self.target.walk = self.strength
        self.target.stay = not self.is_input()
        if self.target.stay:
            self.execute()

    def execute(self) -> None:
        """Compute the output."""


class Stay(Unary):
    """A variable should stay as it is."""


class Edit(Unary):
    """A variable is set from outside."""

    def is_input(self) -> bool:
        """Whether its value comes from outside."""
        return True


class Binary(Constraint):
    """A constraint of two variables; direction 1 is forward, 2 backward."""

    first: Variable
    second: Variable
    direction: int

    def add_to_graph(self) -> None:
        """Tell its variables."""
        self.first.add_constraint(self)
        self.second.add_constraint(self)
        self.direction = 0

    def remove_from_graph(self) -> None:
        """Tell its variables."""
        self.first.remove_constraint(self)
        self.second.remove_constraint(self)
        self.direction = 0

    def choose(self, mark: int) -> None:
        """Choose how to satisfy it."""
        first, second = self.first, self.second
        if first.mark == mark:
            self.direction = 1 if second.mark != mark and self.is_stronger_than(second.walk) else 0
            return
        if second.mark == mark:
            self.direction = 2 if first.mark != mark and self.is_stronger_than(first.walk) else 0
            return
        if first.walk > second.walk:
            self.direction = 2 if self.is_stronger_than(first.walk) else 0
        else:
            self.direction = 1 if self.is_stronger_than(second.walk) else 0

    def is_satisfied(self) -> bool:
        """Whether it is."""
        return self.direction > 0

    def unsatisfy(self) -> None:
        """Note that it is not."""
        self.direction = 0

    def input(self) -> Variable:
        """The variable it reads."""
        return self.first if self.direction == 1 else self.second

    def output(self) -> Variable:
        """The variable it determines."""
        return self.second if self.direction == 1 else self.first

    def mark_inputs(self, mark: int) -> None:
        """Mark its inputs."""
        self.input().mark = mark

    def inputs_known(self, mark: int) -> bool:
        """Whether its inputs are."""
        source = self.input()
        return source.mark == mark or (source.stay or source.determined_by is None)

    def recalculate(self) -> None:
        """Find strength and value of the output."""
        source = self.input()
        target = self.output()
        target.walk = max(self.strength, source.walk)
        target.stay = source.stay
        if target.stay:
            self.execute()


class Equality(Binary):
    """Both are equal."""

    def __init__(self, first: Variable, second: Variable, strength: int, planner: Planner) -> None:
        self.strength = strength
        self.first = first
        self.second = second
        self.direction = 0
        self.add_to(planner)

    def execute(self) -> None:
        """Compute the output."""
        self.output().value = self.input().value


class Scale(Binary):
    """One is the other by a scale and an offset."""

    def __init__(
        self, first: Variable, scale: Variable, offset: Variable, second: Variable, strength: int, planner: Planner
    ) -> None:
        self.strength = strength
        self.first = first
        self.second = second
        self.scale = scale
        self.offset = offset
        self.direction = 0
        self.add_to(planner)

    def add_to_graph(self) -> None:
        """Tell its variables."""
        super().add_to_graph()
        self.scale.add_constraint(self)
        self.offset.add_constraint(self)

    def remove_from_graph(self) -> None:
        """Tell its variables."""
        super().remove_from_graph()
        self.scale.remove_constraint(self)
        self.offset.remove_constraint(self)

    def mark_inputs(self, mark: int) -> None:
        """Mark its inputs."""
        super().mark_inputs(mark)
        self.scale.mark = mark
        self.offset.mark = mark

    def execute(self) -> None:
        """Compute the output."""
        if self.direction == 1:
            self.second.value = self.first.value * self.scale.value + self.offset.value
        else:
            self.first.value = (self.second.value - self.offset.value) // self.scale.value

    def recalculate(self) -> None:
        """Find strength and value of the output."""
        source = self.input()
        target = self.output()
        target.walk = max(self.strength, source.walk)
        target.stay = source.stay and (self.scale.stay and self.offset.stay)
        if target.stay:
            self.execute()
