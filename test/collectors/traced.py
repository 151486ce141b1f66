"""Programs that are traced, and what the records of a trace say."""

from support import ProgramTest


class Slice:
    """One call, or the part of a generator's between two yields."""

    def __init__(self, name, began_ns, is_resumed):
        """`ended_ns` is set when it ends."""
        self.name = name
        self.began_ns = began_ns
        self.ended_ns = None
        self.is_resumed = is_resumed
        self.parent = None

    @property
    def duration_ns(self):
        """Returns how long it took; 0 when it never ended."""
        return (self.ended_ns or self.began_ns) - self.began_ns


class Trace:
    """What a recording's records say, lane by lane."""

    def __init__(self, recording):
        """Follows all stacks to their end."""
        self.slices = []
        self.happened = {}
        self.begun = []
        self.folded = {}
        self.unfolded = set()
        self._lanes = recording.lanes
        stacks = {}
        resumed = set()
        for kind, *fields in recording.trace:
            if kind == "folded":
                name, _, is_folded, calls, mean_ns = fields
                if is_folded:
                    self.folded[name] = (calls, mean_ns)
                else:
                    self.unfolded.add(name)
            elif kind == "begun":
                lane, at_ns, names = fields
                for name in names:
                    self._enter(stacks.setdefault(lane, []), name, at_ns, False)
                    self.begun.append(name)
            elif kind == "stack":
                lane, at_ns, names = fields
                self._become(stacks.setdefault(lane, []), names, at_ns)
            else:
                lane, events = fields
                stack = stacks.setdefault(lane, [])
                for token, name, at_ns in events:
                    if token > 1:
                        self._enter(stack, name, at_ns, lane in resumed)
                        self._note(lane, "~" if lane in resumed else "+", name)
                        resumed.discard(lane)
                    elif token == 0 and stack:
                        self._note(lane, "-", stack[-1].name)
                        stack.pop().ended_ns = at_ns
                    elif token == 1:
                        resumed.add(lane)
        self.open = [call for stack in stacks.values() for call in stack]

    def named(self, name):
        """Returns the calls of this function."""
        return [call for call in self.slices if call.name == name]

    def count(self, name):
        """Returns how often it was called."""
        return sum(not call.is_resumed for call in self.named(name))

    def _enter(self, stack, name, at_ns, is_resumed):
        call = Slice(name, at_ns, is_resumed)
        call.parent = stack[-1] if stack else None
        stack.append(call)
        self.slices.append(call)

    def _become(self, stack, names, at_ns):
        kept = []
        for call in stack:
            if "." in call.name and call.name.split(".")[0] in ("time", "lock"):
                kept.append(call)
            elif names and call.name == names[0]:
                kept.append(call)
                names = names[1:]
            else:
                call.ended_ns = at_ns
        stack[:] = kept
        for name in names:
            self._enter(stack, name, at_ns, False)

    def _note(self, lane, what, name):
        if name.startswith("own_"):
            self.happened.setdefault(self._lanes[lane].name, []).append(what + name)


class TraceTest(ProgramTest):
    def environment(self, is_sampled=True, mode="full", **more):
        """Returns the environment of a traced program."""
        return super().environment(is_sampled, PYROLENS_TRACE=mode, **more)

    def trace(self, text, *arguments, mode="full", **more):
        """Runs a program that must end well, and returns its trace."""
        self.write("p.py", text)
        code, _, err = self.run_python("p.py", *arguments, env=self.environment(mode=mode, **more))
        self.assertEqual((code, err, self.log()), (0, "", ""))
        return Trace(self.recording())
