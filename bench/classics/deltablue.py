"""A solver of constraints with strengths that changes its plan step by step (Freeman-Benson and Maloney, 1989)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.classics.constraints import Edit, Equality, Scale, Stay, Variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.classics.constraints import Constraint


class Planner:
    """Keeps the constraints satisfied."""

    def __init__(self) -> None:
        self.mark = 1

    def next_mark(self) -> int:
        """A mark that nothing has."""
        self.mark = self.mark + 1
        return self.mark

    def incremental_add(self, constraint: Constraint) -> None:
        """Satisfy one more constraint."""
        mark = self.next_mark()
        overridden = constraint.satisfy(mark, self)
        while overridden is not None:
            overridden = overridden.satisfy(mark, self)

    def incremental_remove(self, constraint: Constraint) -> None:
        """Give up a constraint; others may be satisfied then."""
        output = constraint.output()
        constraint.unsatisfy()
        constraint.remove_from_graph()
        unsatisfied = self.remove_propagate_from(output)
        for strength in range(7):
            for each in unsatisfied:
                if each.strength == strength:
                    self.incremental_add(each)

    def plan_from(self, sources: list[Constraint]) -> list[Constraint]:
        """The order in which constraints are executed."""
        mark = self.next_mark()
        plan: list[Constraint] = []
        todo = sources
        while todo:
            constraint = todo.pop()
            if constraint.output().mark != mark and constraint.inputs_known(mark):
                plan.append(constraint)
                constraint.output().mark = mark
                self.add_consumers_of(constraint.output(), todo)
        return plan

    def plan_for(self, constraints: Sequence[Constraint]) -> list[Constraint]:
        """The plan for inputs."""
        sources: list[Constraint] = []
        for each in constraints:
            if each.is_input() and each.is_satisfied():
                sources.append(each)
        return self.plan_from(sources)

    def propagate(self, constraint: Constraint, mark: int) -> bool:
        """Recalculate everything downstream; False for a cycle."""
        todo: list[Constraint] = []
        todo.append(constraint)
        while todo:
            each = todo.pop()
            if each.output().mark == mark:
                self.incremental_remove(constraint)
                return False
            each.recalculate()
            self.add_consumers_of(each.output(), todo)
        return True

    def remove_propagate_from(self, variable: Variable) -> list[Constraint]:
        """Recalculate everything downstream of a variable that nothing determines any more."""
        unsatisfied: list[Constraint] = []
        variable.determined_by = None
        variable.walk = 6
        variable.stay = True
        todo: list[Variable] = []
        todo.append(variable)
        while todo:
            current = todo.pop()
            for each in current.constraints:
                if not each.is_satisfied():
                    unsatisfied.append(each)
            following: list[Constraint] = []
            self.add_consumers_of(current, following)
            for each in following:
                each.recalculate()
                todo.append(each.output())
        return unsatisfied

    def add_consumers_of(self, variable: Variable, found: list[Constraint]) -> None:
        """Find the constraints that read a variable."""
        determining = variable.determined_by
        for each in variable.constraints:
            if each is not determining and each.is_satisfied():
                found.append(each)

    def change(self, variable: Variable, value: int) -> None:
        """Set a variable from outside."""
        edit = Edit(variable, 2, self)
        edits: list[Constraint] = []
        edits.append(edit)
        plan = self.plan_for(edits)
        for _ in range(10):
            variable.value = value
            for each in plan:
                each.execute()
        edit.remove_from(self)


class DeltaBlue:
    """The benchmark."""

    def run(self) -> int:
        """Run it."""
        return self.chain(60) * 1000 + self.projection(60)

    def chain(self, n: int) -> int:
        """A chain of equal variables."""
        planner = Planner()
        variables: list[Variable] = [None] * (n + 1)  # type: ignore[list-item]  # filled next
        for i in range(1, n + 2):
            variables[i - 1] = Variable(0)
        for i in range(1, n + 1):
            Equality(variables[i - 1], variables[i], 0, planner)
        first = variables[0]
        last = variables[n]
        Stay(last, 4, planner)
        edit = Edit(first, 2, planner)
        edits: list[Constraint] = []
        edits.append(edit)
        plan = planner.plan_for(edits)
        total = 0
        for i in range(1, 31):
            first.value = i
            for each in plan:
                each.execute()
            total = total + last.value
        edit.remove_from(planner)
        return total

    def projection(self, n: int) -> int:
        """Pairs of variables with a common scale and offset."""
        planner = Planner()
        scale = Variable(10)
        offset = Variable(1000)
        targets: list[Variable] = []
        for i in range(1, n + 1):
            source = Variable(i)
            target = Variable(i)
            targets.append(target)
            Stay(source, 4, planner)
            Scale(source, scale, offset, target, 0, planner)
        planner.change(source, 17)
        planner.change(target, 1050)
        planner.change(scale, 5)
        planner.change(offset, 2000)
        total = source.value
        for each in targets:
            total = total + each.value
        return total


def run() -> int:
    """Run the benchmark."""
    return DeltaBlue().run()
