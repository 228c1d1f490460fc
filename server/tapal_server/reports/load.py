"""How many alerts officers had to bear, by the rules of alarm management (EEMUA 191, ISA-18.2)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["FLOOD", "AlarmLoad", "alarm_load"]

FLOOD = 10  # so many in ten minutes are a flood; it ends when ten minutes bring fewer than half of that
_WINDOW = timedelta(minutes=10)
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmLoad:
    """Per clock hour and in floods; `by_severity` counts the alerts of each."""

    busiest_hour: int = 0
    hours_over_budget: int = 0
    budget: int = 6
    floods: int = 0
    flood_minutes: float = 0.0
    by_severity: dict[str, int]

    @property
    def shares(self) -> dict[str, float]:
        """Share of each severity; a good site has about 5 % high, 15 % medium and 80 % low."""
        total = sum(self.by_severity.values())
        return {name: count / total for name, count in self.by_severity.items()} if total else {}


def alarm_load(alerts: Iterable[tuple[datetime, str]], *, budget: int) -> AlarmLoad:
    """Of alerts with their time and severity."""
    found = sorted(alerts)
    hours = Counter(int(at.timestamp() * 1000) // _HOUR_MS for at, _ in found)
    floods = _floods([at for at, _ in found])
    counts = Counter(severity for _, severity in found)
    return AlarmLoad(
        busiest_hour=max(hours.values(), default=0),
        hours_over_budget=sum(count > budget for count in hours.values()),
        budget=budget,
        floods=len(floods),
        flood_minutes=round(sum((end - start).total_seconds() for start, end in floods) / 60, 1),
        by_severity={name: counts[name] for name in ("high", "medium", "low")},
    )


def _floods(times: Sequence[datetime]) -> list[tuple[datetime, datetime]]:
    """Begin and end of each: from the first alert of ten in ten minutes, until ten minutes bring fewer than five."""
    floods: list[tuple[datetime, datetime]] = []
    place = 0
    while place + FLOOD <= len(times):
        if times[place + FLOOD - 1] - times[place] > _WINDOW:
            place += 1
            continue
        last = place + FLOOD - 1
        while last + 1 < len(times) and times[last + 1] - times[last + 2 - FLOOD // 2] <= _WINDOW:
            last += 1
        floods.append((times[place], times[last]))
        place = last + 1
    return floods
