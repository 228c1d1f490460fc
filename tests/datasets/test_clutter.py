"""Things that are nobody: drawn by a seed, as tall as asked, and never labelled."""

from pathlib import Path

import numpy as np
import pytest

from tapal_datasets import clutter, composites, grounds, landing, places, yolofiles
from tapal_datasets.composites import Clutter
from tapal_datasets.cutouts import Cutout
from tapal_datasets.places import Thing

GREY = np.full((240, 320, 3), 128, np.uint8)


@pytest.fixture
def people() -> list[Cutout]:
    rgba = np.full((120, 40, 4), 255, np.uint8)
    rgba[..., :3] = (255, 0, 255)
    return [Cutout(1, 0, rgba)]


@pytest.mark.parametrize("kind", clutter.KINDS)
def test_a_kind_is_drawn_by_its_seed(kind: str) -> None:
    one, again, other = (clutter.draw(kind, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert one.shape != other.shape or not np.array_equal(one, other)
    assert one.shape[0] > clutter.TALL / 2
    assert (one[..., 3] > 127).mean() > 0.1, "something is to be seen of it"


def test_a_thing_is_as_tall_as_asked() -> None:
    for seed in range(30):
        tall = 8 + 7 * seed
        sprite = clutter.thing(tall, np.random.default_rng(seed), held_out=True, texture=GREY)
        assert sprite.shape[0] == tall
        assert sprite.shape[2] == 4


def test_training_never_sees_the_kinds_that_are_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: set[str] = set()
    plain = clutter.draw

    def noted(kind: str, *given: object) -> object:
        drawn.add(kind)
        return plain("board", *given)  # type: ignore[arg-type] # as it was called

    monkeypatch.setattr(clutter, "draw", noted)
    for held_out, kinds in ((False, set(clutter.TAUGHT)), (True, set(clutter.KINDS))):
        drawn.clear()
        for seed in range(200):
            clutter.thing(20, np.random.default_rng(seed), held_out=held_out)
        assert drawn == kinds
    assert not {*clutter.TAUGHT} & {*clutter.HELD_OUT}


def test_things_are_pasted_but_not_labelled(people: list[Cutout]) -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        picture, labels = composites.compose(GREY, [], (), rng, cluttered=Clutter(held_out=False))
        assert not labels
        assert (picture != GREY).any()
        both = [
            composites.compose(GREY, [], people, np.random.default_rng(seed), smallest=40, cluttered=Clutter(False))
            for _ in range(2)
        ]
        assert np.array_equal(both[0][0], both[1][0])
        assert both[0][1] == both[1][1]
        alone = composites.compose(GREY, [], people, np.random.default_rng(seed), smallest=40)[1]
        assert len(both[0][1]) <= len(alone), "what stands before somebody can only hide, not add"


def test_every_fourth_picture_shows_nobody(people: list[Cutout], tmp_path: Path) -> None:
    composites.make([], people, tmp_path, count=8, seed=1, smallest=60, cluttered=Clutter(held_out=False))
    counts = [len(yolofiles.read(path)[1]) for path in sorted((tmp_path / "images").glob("*.jpg"))]
    assert [counts[3], counts[7]] == [0, 0]
    assert sum(counts) > 6


@pytest.mark.parametrize("draw", [lambda n: grounds.draw(np.random.default_rng(n)), landing.draw])
def test_grounds_come_back_by_their_seed(draw) -> None:
    one, again, other = draw(5), draw(5), draw(6)
    assert one.shape == (432, 768, 3)
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_a_thing_at_a_place_hides_who_is_behind_it_and_is_no_box(people: list[Cutout]) -> None:
    ground = places.Ground(GREY, 20, 100)
    passer = places.Passer(1, (people[0].scaled(60),), 0.0, 200, 1, 60, 30)
    board = np.full((50, 30, 4), 255, np.uint8)
    shown = {}
    for row in (150, 230):
        film = places.Film(ground, [passer], [Thing(board, passer.x(4, 320), row)], 5, 1)
        shown[row] = [*places._seen([*places._pasted(GREY.copy(), film, 4.0)])]
        assert [name for name, _, _ in shown[row]] == [1]
    assert shown[150][0][1] == (50, 140, 70, 200)
    assert shown[230][0][1] == (50, 140, 70, 180), "what stands before somebody hides the feet"


def test_things_stand_at_a_place_by_its_seed() -> None:
    ground = places.Ground(GREY, 20, 100)
    one, again = (places._things(ground, np.random.default_rng(3)) for _ in range(2))
    assert [(thing.x, thing.row) for thing in one] == [(thing.x, thing.row) for thing in again]
    assert places.THINGS[0] <= len(one) < places.THINGS[1]
    assert all(thing.picture.shape[0] <= round(1.2 * ground.tall(thing.row)) for thing in one)
