"""Who listens to a run: what happens to it is told to all of them, in order."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from local_api.objects import Document


@dataclass(eq=False)
class Ears:
    """One listener; `more` is set when something was told."""

    run_id: str
    told: deque[tuple[str, Document]] = field(default_factory=deque)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, event: str, document: Document) -> None:
        self.told.append((event, document))
        self.more.set()


@dataclass
class Hearing:
    """All listeners, by the run they listen to."""

    listeners: dict[str, list[Ears]] = field(default_factory=dict)

    def listen(self, run_id: str) -> Ears:
        ears = Ears(run_id)
        self.listeners.setdefault(run_id, []).append(ears)
        return ears

    def leave(self, ears: Ears) -> None:
        left = [each for each in self.listeners.pop(ears.run_id, []) if each is not ears]
        if left:
            self.listeners[ears.run_id] = left

    def is_heard(self, run_id: str) -> bool:
        return run_id in self.listeners

    def tell(self, run_id: str, event: str, document: Document) -> None:
        """The document as it is now: it may go on changing."""
        for ears in self.listeners.get(run_id, ()):
            ears.tell(event, {**document})
