"""A clock that stands still until a test moves it, and entropy that is none."""


class FakeClock:
    def __init__(self, now_ms=1_700_000_000_000):
        self.ns = now_ms * 1_000_000
        #: Time that passes until each look at the monotonic clock.
        self.step_ns = 0
        self._count = 0

    def advance(self, *, ms):
        self.ns += int(ms * 1_000_000)

    def now_ms(self):
        return self.ns // 1_000_000

    def now_ns(self):
        return self.ns

    def monotonic_ns(self):
        self.ns += self.step_ns
        return self.ns

    def cpu_ns(self):
        return self.ns

    def timezone_offset_s(self):
        return 0

    def random_bytes(self, n):
        self._count += 1
        return self._count.to_bytes(n, "big")
