"""Who passed together: a division of people by their times alone, in whatever order they became known."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import chain
from typing import Generic, TypeVar

from tapal_server.correlation.band import Band

Item = TypeVar("Item")
LONGEST_GROUP_S = 600.0


@dataclass(slots=True, eq=False)
class Group(Generic[Item]):
    """People of one alert; whoever was its first when it was made gives its cause a name that stays."""

    cause: str
    members: dict[str, Item] = field(default_factory=dict)
    first: tuple[float, str] = (0.0, "")  # time and id of the earliest member
    joined: bool = False  # its last members went over to another group


class Groups(Generic[Item]):
    """Divides people at gaps, and a stream without gaps every ten minutes from its first on."""

    def __init__(self, prefix: str, gap_s: float) -> None:
        self._prefix, self._gap = prefix, gap_s
        self._people: Band[Item] = Band()
        self._of: dict[str, Group[Item]] = {}
        self._time_of: dict[str, float] = {}
        self._causes: set[str] = set()
        self._touched: dict[float, set[str]] = {}

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._of

    def add(self, time: float, item_id: str, item: Item) -> None:
        """Take somebody in; :meth:`settle` says what group that makes."""
        self._people.add(time, item_id, item)
        self._time_of[item_id] = time
        self._touched.setdefault(time, set()).add(item_id)

    def remove(self, time: float, item_id: str) -> None:
        """Leave somebody out from now on."""
        self._people.remove(time, item_id)
        del self._time_of[item_id]
        self._touched.setdefault(time, set()).add(item_id)

    def touch(self, time: float, item_id: str) -> None:
        """Have the group of somebody who changed come up in :meth:`settle`."""
        self._touched.setdefault(time, set()).add(item_id)

    def everybody(self) -> list[Item]:
        """Return all people, in order of time."""
        return list(self._people)

    @property
    def changed(self) -> bool:
        """Whether somebody came, went or changed since the last settling."""
        return bool(self._touched)

    def settle(self) -> tuple[list[Group[Item]], list[Group[Item]]]:
        """Divide anew where people came or went; return the groups touched, and those that have nobody left.

        A group that is divided or joined lives on where most of its members are.
        """
        concerned: dict[int, Group[Item]] = {}
        for ids in self._touched.values():
            for item_id in ids:
                group = self._of.get(item_id)
                if group is not None:
                    concerned[id(group)] = group
                    if item_id not in self._people:
                        del self._of[item_id], group.members[item_id]
        times, done = sorted(self._touched), float("-inf")
        self._touched = {}
        for time in times:
            if time >= done:
                done = self._divide_from(time, concerned)
        left = [group for group in concerned.values() if not group.members]
        self._causes -= {group.cause for group in left}
        return [group for group in concerned.values() if group.members], left

    def _divide_from(self, time: float, concerned: dict[int, Group[Item]]) -> float:
        """Divide from the group before a time on until a group starts where one did; return when that is."""
        people, place = self._people, self._people.place(time)
        if place > 0 and time - people.time_at(place - 1) <= self._gap:
            place = people.find(*self._of[people.id_at(place - 1)].first)
        pieces: list[list[str]] = []
        while place < len(people):
            at = (people.time_at(place), people.id_at(place))
            group = self._of.get(at[1])
            if pieces and at[0] >= time and group is not None and group.first == at:
                break
            end = self._end_of(place)
            pieces.append(people.ids(place, end))
            place = end
        self._assign(pieces, concerned)
        return people.time_at(place) if place < len(people) else float("inf")

    def _end_of(self, first: int) -> int:
        people, end = self._people, first + 1
        while (
            end < len(people)
            and people.time_at(end) - people.time_at(end - 1) <= self._gap
            and people.time_at(end) - people.time_at(first) <= LONGEST_GROUP_S
        ):
            end += 1
        return end

    def _assign(self, pieces: list[list[str]], concerned: dict[int, Group[Item]]) -> None:
        taken: set[int] = set()
        for ids in pieces:
            before = [self._of[item_id] for item_id in ids if item_id in self._of]
            votes = Counter(id(group) for group in before if id(group) not in taken)
            best = max(votes.values(), default=0)
            group = next((one for one in before if votes.get(id(one)) == best), None) if votes else None
            if group is None:
                group = Group(self._free_cause(ids))
                self._causes.add(group.cause)
            taken.add(id(group))
            for old in (*before, group):
                concerned[id(old)] = old
            self._fill(group, ids)

    def _fill(self, group: Group[Item], ids: list[str]) -> None:
        """Make exactly these the members of a group."""
        for item_id in [one for one in group.members if one not in set(ids)]:
            del group.members[item_id], self._of[item_id]
        for item_id in ids:
            old = self._of.get(item_id)
            if old is not None and old is not group:
                del old.members[item_id]
                old.joined = not old.members
            item = self._people.get(item_id)
            assert item is not None
            group.members[item_id] = item
            self._of[item_id] = group
        first = ids[0]
        group.first = (self._time_of[first], first)

    def _free_cause(self, ids: list[str]) -> str:
        names = chain(ids, (f"{ids[0]}~{number}" for number in range(1, len(self._causes) + 2)))
        return next(cause for cause in (f"{self._prefix}:{name}" for name in names) if cause not in self._causes)

    def forget(self, before: float) -> list[Group[Item]]:
        """Let go the groups that ended before a time; returns them."""
        old = self._people.ids(0, self._people.place(before))
        ended = {id(group): group for group in (self._of[one] for one in old if one in self._of)}
        gone = [group for group in ended.values() if max(self._time_of[one] for one in group.members) < before]
        for group in gone:
            self._causes.discard(group.cause)
            for item_id in group.members:
                self._people.remove(self._time_of.pop(item_id), item_id)
                del self._of[item_id]
        return gone
