"""Finding the loops of a flow graph, irreducible ones too (Havlak, 1997)."""

from __future__ import annotations


class Block:
    """A block of the flow graph."""

    def __init__(self, name: int) -> None:
        self.name = name
        self.sources: list[Block] = []
        self.targets: list[Block] = []


class Graph:
    """The flow graph."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []

    def new_block(self) -> Block:
        """One more block."""
        block = Block(len(self.blocks) + 1)
        self.blocks.append(block)
        return block

    def connect(self, source: Block, target: Block) -> None:
        """One more edge."""
        source.targets.append(target)
        target.sources.append(source)

    def straight(self, block: Block, n: int) -> Block:
        """So many blocks in a row; answer the last one."""
        last = block
        for _ in range(1, n + 1):
            following = self.new_block()
            self.connect(last, following)
            last = following
        return last

    def diamond(self, block: Block) -> Block:
        """A branch; answer where it ends."""
        left = self.new_block()
        right = self.new_block()
        join = self.new_block()
        self.connect(block, left)
        self.connect(block, right)
        self.connect(left, join)
        self.connect(right, join)
        return join

    def loop(self, block: Block, depth: int) -> Block:
        """Loops inside each other; answer the block behind them."""
        header = self.straight(block, 1)
        last = self.diamond(header)
        if depth > 1:
            last = self.loop(last, depth - 1)
        last = self.straight(last, 2)
        self.connect(last, header)
        return self.straight(last, 1)


class Node:
    """A block in the union of those that form a loop."""

    parent: Node
    block: Block
    number: int
    loop: Loop | None

    def set_block(self, block: Block, number: int) -> None:
        """Begin with a union of one."""
        self.parent = self
        self.block = block
        self.number = number
        self.loop = None

    def join_to(self, node: Node) -> None:
        """Join another union."""
        self.parent = node

    def root(self) -> Node:
        """What stands for the union."""
        passed: list[Node] = []
        node = self
        while node is not node.parent:
            if node.parent is not node.parent.parent:
                passed.append(node)
            node = node.parent
        for each in passed:
            each.parent = node
        return node


class Loop:
    """A loop."""

    def __init__(self, header: int) -> None:
        self.header = header
        self.children: list[Loop] = []
        self.depth = 0
        self.parent: Loop | None = None

    def has_parent(self) -> bool:
        """Whether it stands in another one."""
        return self.parent is not None

    def set_parent(self, loop: Loop) -> None:
        """Stand in another one."""
        self.parent = loop
        loop.children.append(self)

    def nesting(self) -> int:
        """How many loops stand inside each other."""
        deepest = 0
        for each in self.children:
            deepest = max(deepest, each.nesting())
        return deepest + 1


class Finder:
    """Finds the loops of a graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.loops: list[Loop] = []

    def find(self) -> None:
        """Find them."""
        size = len(self.graph.blocks)
        self.numbers: dict[int, int] = {}
        self.nodes: list[Node] = [None] * size  # type: ignore[list-item]  # filled next
        self.last = [0] * size
        self.header = [1] * size
        self.kind = [0] * size
        self.backward: list[list[int]] = [None] * size  # type: ignore[list-item]  # filled next
        self.others: list[set[int]] = [None] * size  # type: ignore[list-item]  # filled next
        for i in range(1, size + 1):
            self.backward[i - 1] = []
            self.others[i - 1] = set()
            self.nodes[i - 1] = Node()
        self.number(self.graph.blocks[0], 1)
        self.sort_edges()
        for w in range(size, 0, -1):
            self.visit(w)

    def number(self, block: Block, current: int) -> int:
        """Number the blocks depth first."""
        self.nodes[current - 1].set_block(block, current)
        self.numbers[block.name] = current
        count = current
        for each in block.targets:
            if each.name not in self.numbers:
                count = self.number(each, count + 1)
        self.last[current - 1] = count
        return count

    def is_ancestor(self, w: int, v: int) -> bool:
        """Whether w stands above v."""
        return w <= v and v <= self.last[w - 1]

    def sort_edges(self) -> None:
        """Tell backward edges from the others."""
        for block in self.graph.blocks:
            w = self.numbers[block.name]
            for each in block.sources:
                v = self.numbers[each.name]
                if self.is_ancestor(w, v):
                    self.backward[w - 1].append(v)
                else:
                    self.others[w - 1].add(v)

    def visit(self, w: int) -> None:
        """Find the loop whose header w is."""
        pool: list[Node] = []
        for v in self.backward[w - 1]:
            if v == w:
                self.kind[w - 1] = 1
            else:
                pool.append(self.nodes[v - 1].root())
        todo: list[Node] = []
        for each in pool:
            todo.append(each)
        if pool:
            self.kind[w - 1] = 2
        while todo:
            node = todo.pop(0)
            self.follow(node, w, pool, todo)
        if not pool and self.kind[w - 1] != 1:
            return
        loop = Loop(w)
        self.loops.append(loop)
        self.nodes[w - 1].loop = loop
        for each in pool:
            self.header[each.number - 1] = w
            each.join_to(self.nodes[w - 1])
            if each.loop is not None and not each.loop.has_parent():
                each.loop.set_parent(loop)

    def follow(self, node: Node, w: int, pool: list[Node], todo: list[Node]) -> None:
        """Find what leads to a node of the loop."""
        for v in self.others[node.number - 1]:
            other = self.nodes[v - 1].root()
            if not self.is_ancestor(w, other.number):
                self.kind[w - 1] = 3
            elif other.number != w and not self.is_in(other, pool):
                todo.append(other)
                pool.append(other)

    def is_in(self, node: Node, pool: list[Node]) -> bool:
        """Whether the pool has a node."""
        for each in pool:
            if each is node:
                return True
        return False


class Havlak:
    """The benchmark."""

    def run(self) -> int:
        """Run it."""
        graph = Graph()
        last = graph.new_block()
        for _ in range(1, 13):
            last = graph.loop(last, 4)
        total = 0
        for _ in range(1, 4):
            finder = Finder(graph)
            finder.find()
            for each in finder.loops:
                total = total + each.nesting()
            total = total + len(finder.loops) * 1000
        return total


def run() -> int:
    """Run the benchmark."""
    return Havlak().run()
