"""Which pictures train and which prove: whole camera days go together, light and labels are spread evenly."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

from tapal_contract.errors import TapalError
from tapal_datasets.versions.manifest import Split

Group = tuple[str, str]
"""Camera and day."""


def by_group(strata: Mapping[Group, Counter[str]], shares: Mapping[Split, float]) -> dict[Group, Split]:
    """Give each group to a split so that every stratum comes near the shares.

    The largest groups choose first; each goes where its strata are most lacking. The same groups always fall alike.

    Raises:
        TapalError: fewer groups than splits.
    """
    wanted = {split: share for split, share in shares.items() if share > 0}
    if len(strata) < len(wanted):
        raise TapalError(
            f"{len(strata)} camera days cannot make {len(wanted)} splits without showing one day to two of them: "
            "import more cameras or days, or add --split-within-a-day and read its figures with care"
        )
    total = sum(strata.values(), Counter())
    held: dict[Split, Counter[str]] = {split: Counter() for split in wanted}
    given: dict[Group, Split] = {}
    order = sorted(strata, key=lambda group: (-strata[group].total(), _mixed(group)))
    for place, group in enumerate(order):
        empty = [split for split in wanted if split not in given.values()]
        choices = empty if len(order) - place <= len(empty) else list(wanted)
        given[group] = max(
            choices, key=lambda split: (_lack(strata[group], held[split], total, wanted[split]), wanted[split])
        )
        held[given[group]].update(strata[group])
    return given


def within_day(names: Sequence[str], shares: Mapping[Split, float], gap: int) -> dict[str, Split]:
    """Split the pictures of one camera's day by time, in order of name, leaving `gap` pictures out at each seam."""
    splits = [split for split, share in shares.items() if share > 0]
    ordered, given, start = sorted(names), dict[str, Split](), 0
    for place, split in enumerate(splits):
        end = len(ordered) if place == len(splits) - 1 else start + round(len(ordered) * shares[split])
        given.update(dict.fromkeys(ordered[start:end], split))
        start = end + gap
    if set(given.values()) != set(splits):
        raise TapalError(
            f"{len(ordered)} pictures are too few to be split with {gap} left out at each seam: "
            "import more or give a smaller --gap"
        )
    return given


def _lack(group: Counter[str], held: Counter[str], total: Counter[str], share: float) -> float:
    """How much of what the split still wants the group would bring, less what it would bring too much."""
    value = 0.0
    for stratum, count in group.items():
        aim = share * total[stratum]
        value += (abs(aim - held[stratum]) - abs(aim - held[stratum] - count)) / total[stratum]
    return value


def _mixed(group: Group) -> str:
    return hashlib.sha256("\0".join(group).encode()).hexdigest()
